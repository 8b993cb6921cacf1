import type { ActorContext, ActorKind, CommandLog, Ownership } from '@parley/actor';
import { recallCommand, recordCommand, restartThenStop } from '@parley/actor';
import type { Bus, BusFailure, ShardCommand } from '@parley/bus';
import { OwnershipLost } from '@parley/bus';
import type { common, nickname } from '@parley/contracts';
import type { Clock, Refusal, Result } from '@parley/prelude';
import { ok, refusal } from '@parley/prelude';
import type { NicknameKey } from '@parley/precis';
import { nicknameKey } from '@parley/precis';
import { reservationToRecord } from '../adapters/nickname-record.ts';
import type { IsNicknameUsed } from '../adapters/nickname-search.ts';
import type { NicknameEvents } from '../events.ts';
import type { Entitlement } from '../scope/entitlement.ts';
import type { DoubtfulUse } from '../scope/forgotten.ts';
import { doubtfulUses, settledAfter } from '../scope/forgotten.ts';
import { nextOverdue, overdue, release } from '../scope/release.ts';
import type { ScopeChange } from '../scope/reservation.ts';
import type { ReservePlan } from '../scope/reserve.ts';
import { reserve } from '../scope/reserve.ts';
import { StoredScope } from './stored-scope.ts';

type Command = ShardCommand<nickname.NicknameCommand>;
type Message =
  | Command
  /** A nickname that was kept for its holder is kept no longer. */
  | { readonly kind: 'Overdue' }
  /** The focus said whether a nickname is used. */
  | { readonly kind: 'Looked'; readonly use: DoubtfulUse; readonly at: number; readonly isUsed: boolean | undefined };
type Reply = nickname.NicknameReply;

interface ScopeState {
  readonly stored: StoredScope;
  /** Of the newest command. */
  ownership: Ownership | undefined;
  log: CommandLog<Reply>;
  /** When the focus was asked about a nickname last, on the actor's clock. */
  readonly lookedAt: Map<NicknameKey, number>;
}

type Context = ActorContext<ScopeState, Message, Reply>;

/** What scopes work with. */
export interface ScopeSurroundings {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly events: NicknameEvents;
  readonly entitlement: Entitlement;
  readonly isUsed: IsNicknameUsed;
  /** Milliseconds for which a nickname is kept for a holder who has left. */
  readonly quarantine: number;
}

/** Milliseconds without a command after which a scope leaves memory; its bucket keeps it. */
const idleAfter = 300_000;
/** Milliseconds for which the focus is not asked again about a nickname. */
const lookPeriod = 60_000;

/** The actor that owns the reservations of one scope: a room, or the chat domain. */
export function nicknameScopeKind(around: ScopeSurroundings): ActorKind<ScopeState, Message, Reply> {
  return {
    name: 'nickname-scope',
    load: (scope) => ({
      stored: new StoredScope(around.bus, scope),
      ownership: undefined,
      log: [],
      lookedAt: new Map(),
    }),
    idleAfter,
    supervision: { ...restartThenStop, decide: (error) => (error instanceof OwnershipLost ? 'stop' : 'restart') },
    async receive(context, message) {
      if ('kind' in message)
        return message.kind === 'Overdue' ? giveUp(around, context) : forget(around, context, message);
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
  if (!ownership.isValid()) throw new OwnershipLost(notOurs);
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
  around: ScopeSurroundings,
  context: Context,
  commandId: string,
  { nickname: wanted, holder, room = context.identity }: nickname.ReserveNickname,
): Result<ReservePlan, Refusal> {
  const wish = { commandId, nickname: wanted, holder, room, now: around.clock.wallTime() };
  const plan = reserve(context.state.stored.reservations, wish, around.entitlement);
  if (!plan.ok && plan.error.status === 409) lookWhetherUsed(around, context, wanted);
  return plan;
}

/** Has the focus say whether those who hold a nickname are still there; the next who ask have the benefit. */
function lookWhetherUsed({ clock, isUsed }: ScopeSurroundings, context: Context, wanted: string): void {
  const { stored, lookedAt } = context.state;
  const key = nicknameKey(wanted);
  if (!key.ok || (lookedAt.get(key.value) ?? -Infinity) + lookPeriod > clock.now()) return;
  const at = clock.wallTime();
  const uses = doubtfulUses(stored.reservations, key.value, at);
  if (uses.length > 0) lookedAt.set(key.value, clock.now());
  for (const use of uses) {
    context.whenSettled(isUsed(use.room, use.nickname), (outcome) => {
      return { kind: 'Looked', use, at, isUsed: outcome.ok ? outcome.value : undefined };
    });
  }
}

/** A holder who is not there has left: what it had is kept for it from now on, and then free. */
async function forget(
  { clock, quarantine }: ScopeSurroundings,
  context: Context,
  { use, at, isUsed }: Extract<Message, { kind: 'Looked' }>,
): Promise<void> {
  if (isUsed !== false) return;
  const leaving = { ...use, leftAt: at - settledAfter, now: clock.wallTime() };
  const written = await write(context, release(context.state.stored.reservations, leaving, quarantine));
  if (written.ok) armOverdue({ clock }, context);
  else context.sleep();
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

async function write({ state }: Context, changes: readonly ScopeChange[]): Promise<Result<void, BusFailure>> {
  for (const one of changes) {
    if (state.ownership?.isValid() !== true) throw new OwnershipLost(notOurs);
    const written = await state.stored.apply(one);
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

function armOverdue({ clock }: Pick<ScopeSurroundings, 'clock'>, context: Context): void {
  const next = nextOverdue(context.state.stored.reservations);
  if (next === undefined) context.disarm('overdue');
  else context.arm('overdue', Math.max(0, next - clock.wallTime()), { kind: 'Overdue' });
}

/** The store said no, or did not say: the copy may be wrong, so the next command begins from the bucket. */
function startAgain(context: Context, failure: BusFailure): Reply {
  context.sleep();
  return refused(refusal(503, 'Store Unavailable', failure.message, 1));
}

/** The asker is not answered by who may not answer, and asks again until the new owner does. */
const notOurs = 'another instance owns this scope now';

function refused({ status, phrase, message, retryAfter }: Refusal): Reply {
  const value: common.Refusal = { status, phrase, message, retryAfter: retryAfter ?? 0 };
  return { outcome: { kind: 'refusal', value } };
}
