import type { ActorContext, ActorKind, CommandLog } from '@parley/actor';
import { recallCommand, recordCommand } from '@parley/actor';
import type { Bus, BusFailure, ShardCommand } from '@parley/bus';
import type { common, nickname } from '@parley/contracts';
import type { Clock, Refusal, Result } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import { reservationToRecord } from '../adapters/nickname-record.ts';
import type { NicknameEvents } from '../events.ts';
import { reserve } from '../scope/reserve.ts';
import { heldBy } from '../scope/reservation.ts';
import { StoredScope } from './stored-scope.ts';

type Command = ShardCommand<nickname.NicknameCommand>;
type Reply = nickname.NicknameReply;

interface ScopeState {
  readonly stored: StoredScope;
  log: CommandLog<Reply>;
}

type Context = ActorContext<ScopeState, Command, Reply>;

/** Milliseconds without a command after which a scope leaves memory; its bucket keeps it. */
const idleAfter = 300_000;

/** The actor that owns the reservations of one scope: a room, or the chat domain. */
export function nicknameScopeKind(
  bus: Bus,
  clock: Clock,
  events: NicknameEvents,
): ActorKind<ScopeState, Command, Reply> {
  return {
    name: 'nickname-scope',
    load: (scope) => ({ stored: new StoredScope(bus, scope), log: [] }),
    idleAfter,
    receive: async (context, command) => {
      const { commandId } = command.question;
      const done = recallCommand(context.state.log, commandId);
      const reply = done?.outcome ?? (await carryOut(context, command, clock, events));
      if (done === undefined && !isPassing(reply)) {
        context.state.log = recordCommand(context.state.log, commandId, reply);
      }
      context.reply(reply);
    },
  };
}

/** A 503 tells to try again, so it must not be remembered as the command's outcome. */
function isPassing({ outcome }: Reply): boolean {
  return outcome?.kind === 'refusal' && outcome.value.status === 503;
}

async function carryOut(context: Context, command: Command, clock: Clock, events: NicknameEvents): Promise<Reply> {
  const { stored } = context.state;
  const { question, ownership } = command;
  const takenOver = await stored.takeOver(ownership.epoch);
  if (!takenOver.ok) return startAgain(context, takenOver.error);
  if (!ownership.isValid()) return refused(notOurs);
  switch (question.command?.kind) {
    case 'reserve':
      return await change(context, command, question.command.value, clock, events);
    case 'release':
      return await change(
        context,
        command,
        { ...question.command.value, nickname: '', participant: '' },
        clock,
        events,
      );
    case 'list':
      return { outcome: { kind: 'list', value: { items: listed(context.identity, ownership.epoch, stored) } } };
    case undefined:
      return refused(refusal(400, 'Unknown Command', 'expected a command that this version knows'));
  }
}

function listed(scope: string, epoch: number, stored: StoredScope): readonly nickname.NicknameRecord[] {
  return [...stored.reservations.values()].map((reservation) => reservationToRecord(scope, epoch, reservation));
}

async function change(
  context: Context,
  { question, ownership }: Command,
  { nickname: wanted, holder }: nickname.ReserveNickname,
  clock: Clock,
  events: NicknameEvents,
): Promise<Reply> {
  const { stored } = context.state;
  const [previous] = heldBy(stored.reservations, holder);
  const plan = reserve(stored.reservations, {
    commandId: question.commandId,
    nickname: wanted,
    holder,
    now: clock.wallTime(),
  });
  if (!plan.ok) {
    events.nicknameRefused(context.identity, plan.error);
    return refused(plan.error);
  }
  const { take, release } = plan.value;
  const writes = [
    ...(take ? [() => stored.take(take)] : []),
    ...release.map((reservation) => () => stored.release(reservation)),
  ];
  for (const write of writes) {
    const written = ownership.isValid() ? await write() : notOursResult;
    if (!written.ok) return startAgain(context, written.error);
  }
  if (take) events.nicknameReserved(context.identity);
  if (release.length > 0) events.nicknameReleased(context.identity);
  return {
    outcome: { kind: 'reserved', value: { nickname: take?.nickname ?? '', previous: previous?.nickname ?? '' } },
  };
}

/** The store said no, or did not say: the copy may be wrong, so the next command begins from the bucket. */
function startAgain(context: Context, failure: BusFailure | Refusal): Reply {
  context.sleep();
  if (failure.kind === 'Refusal') return refused(failure);
  return refused(refusal(503, 'Store Unavailable', failure.message, 1));
}

const notOurs = refusal(503, 'Shard Moved', 'another instance owns this scope now', 1);
const notOursResult: Result<void, Refusal> = { ok: false, error: notOurs };

function refused({ status, phrase, message, retryAfter }: Refusal): Reply {
  const value: common.Refusal = { status, phrase, message, retryAfter: retryAfter ?? 0 };
  return { outcome: { kind: 'refusal', value } };
}
