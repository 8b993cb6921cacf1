import type { ActorContext, ActorKind, CommandLog, Ownership } from '@parley/actor';
import { recallCommand, recordCommand } from '@parley/actor';
import type { Bus, BusFailure, ShardCommand } from '@parley/bus';
import type { common, nickname } from '@parley/contracts';
import type { Clock, Refusal, Result } from '@parley/prelude';
import { ok, refusal } from '@parley/prelude';
import { reservationToRecord } from '../adapters/nickname-record.ts';
import type { NicknameEvents } from '../events.ts';
import type { Entitlement } from '../scope/entitlement.ts';
import { nextOverdue, overdue, release } from '../scope/release.ts';
import type { ScopeChange } from '../scope/reservation.ts';
import type { ReservePlan } from '../scope/reserve.ts';
import { reserve } from '../scope/reserve.ts';
import { StoredScope } from './stored-scope.ts';

type Command = ShardCommand<nickname.NicknameCommand>;
/** A nickname that was kept for its holder is kept no longer. */
type Message = Command | { readonly kind: 'Overdue' };
type Reply = nickname.NicknameReply;

interface ScopeState {
  readonly stored: StoredScope;
  /** Of the newest command. */
  ownership: Ownership | undefined;
  log: CommandLog<Reply>;
}

type Context = ActorContext<ScopeState, Message, Reply>;

/** What scopes work with. */
export interface ScopeSurroundings {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly events: NicknameEvents;
  readonly entitlement: Entitlement;
  /** Milliseconds for which a nickname is kept for a holder who has left. */
  readonly quarantine: number;
}

/** Milliseconds without a command after which a scope leaves memory; its bucket keeps it. */
const idleAfter = 300_000;

/** The actor that owns the reservations of one scope: a room, or the chat domain. */
export function nicknameScopeKind(around: ScopeSurroundings): ActorKind<ScopeState, Message, Reply> {
  return {
    name: 'nickname-scope',
    load: (scope) => ({ stored: new StoredScope(around.bus, scope), ownership: undefined, log: [] }),
    idleAfter,
    async receive(context, message) {
      if ('kind' in message) return giveUp(around, context);
      const { commandId } = message.question;
      const done = recallCommand(context.state.log, commandId);
      const reply = done?.outcome ?? (await carryOut(around, context, message));
      if (done === undefined && !isPassing(reply)) {
        context.state.log = recordCommand(context.state.log, commandId, reply);
      }
      context.reply(reply);
      armOverdue(around, context);
    },
  };
}

/** A 503 tells to try again, so it must not be remembered as the command's outcome. */
function isPassing({ outcome }: Reply): boolean {
  return outcome?.kind === 'refusal' && outcome.value.status === 503;
}

async function carryOut(around: ScopeSurroundings, context: Context, command: Command): Promise<Reply> {
  const { stored } = context.state;
  const { question, ownership } = command;
  context.state.ownership = ownership;
  const takenOver = await stored.takeOver(ownership.epoch);
  if (!takenOver.ok) return startAgain(context, takenOver.error);
  if (!ownership.isValid()) return refused(notOurs);
  switch (question.command?.kind) {
    case 'reserve':
      return await change(around, context, planReserve(around, context, question.commandId, question.command.value));
    case 'release':
      return await change(around, context, ok(planRelease(around, context, question.command.value)));
    case 'list':
      return { outcome: { kind: 'list', value: { items: listed(context.identity, ownership.epoch, stored) } } };
    case undefined:
      return refused(refusal(400, 'Unknown Command', 'expected a command that this version knows'));
  }
}

function listed(scope: string, epoch: number, stored: StoredScope): readonly nickname.NicknameRecord[] {
  return [...stored.reservations.values()].map((reservation) => reservationToRecord(scope, epoch, reservation));
}

function planReserve(
  { clock, entitlement }: ScopeSurroundings,
  { state, identity }: Context,
  commandId: string,
  { nickname: wanted, holder, room = identity }: nickname.ReserveNickname,
): Result<ReservePlan, Refusal> {
  const wish = { commandId, nickname: wanted, holder, room, now: clock.wallTime() };
  return reserve(state.stored.reservations, wish, entitlement);
}

function planRelease(
  { clock, quarantine }: ScopeSurroundings,
  { state }: Context,
  { holder, room, leftAt }: nickname.ReleaseNickname,
): ReservePlan {
  const now = clock.wallTime();
  const leaving = { holder, room, leftAt: leftAt ?? now, now };
  const changes = release(state.stored.reservations, leaving, quarantine);
  return { nickname: '', previous: changes[0]?.reservation.nickname ?? '', changes };
}

async function change(
  { events }: ScopeSurroundings,
  context: Context,
  plan: Result<ReservePlan, Refusal>,
): Promise<Reply> {
  if (!plan.ok) {
    events.nicknameRefused(context.identity, plan.error);
    return refused(plan.error);
  }
  const { nickname: granted, previous, changes } = plan.value;
  const written = await write(context, changes);
  if (!written.ok) return startAgain(context, written.error);
  if (granted !== '') events.nicknameReserved(context.identity);
  else if (changes.length > 0) events.nicknameReleased(context.identity);
  return { outcome: { kind: 'reserved', value: { nickname: granted, previous } } };
}

async function write({ state }: Context, changes: readonly ScopeChange[]): Promise<Result<void, BusFailure | Refusal>> {
  for (const one of changes) {
    const written = state.ownership?.isValid() === true ? await state.stored.apply(one) : notOursResult;
    if (!written.ok) return written;
  }
  return ok(undefined);
}

/** Gives up what nobody came back for. A new owner does so after its first command here. */
async function giveUp(around: ScopeSurroundings, context: Context): Promise<void> {
  const { stored, ownership } = context.state;
  if (ownership?.isValid() !== true) return;
  const written = await write(context, overdue(stored.reservations, around.clock.wallTime()));
  if (written.ok) armOverdue(around, context);
  else context.sleep();
}

function armOverdue({ clock }: ScopeSurroundings, context: Context): void {
  const next = nextOverdue(context.state.stored.reservations);
  if (next === undefined) context.disarm('overdue');
  else context.arm('overdue', Math.max(0, next - clock.wallTime()), { kind: 'Overdue' });
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
