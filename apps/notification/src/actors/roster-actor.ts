import type { ActorContext, ActorKind } from '@parley/actor';
import type { Refusal, Result } from '@parley/prelude';
import { LiveRoster } from '../roster/live-roster.ts';
import type { Roster, RosterChange } from '../roster/roster.ts';

/** What a roster takes. */
export type RosterMessage =
  | { readonly kind: 'Watch'; readonly callId: string }
  | { readonly kind: 'Unwatch'; readonly callId: string }
  /** The focus published a change. */
  | { readonly kind: 'Changed'; readonly change: RosterChange }
  | { readonly kind: 'Shown'; readonly outcome: Result<Result<Roster, Refusal>, unknown> }
  | { readonly kind: 'Look' }
  /** Enough time has passed since the watchers were told. */
  | { readonly kind: 'Tell' };

/** What a watcher is told. */
export type RosterWord =
  { readonly kind: 'Roster'; readonly roster: Roster } | { readonly kind: 'RoomGone'; readonly room: string };

/** What rosters work with. */
export interface RosterSurroundings {
  show(room: string): Promise<Result<Roster, Refusal>>;
  tell(callId: string, word: RosterWord): void;
}

interface RosterState {
  readonly watchers: Set<string>;
  roster: LiveRoster | undefined;
  /** What the watchers were told last, and when, on the actor's clock. */
  told: { readonly roster: Roster; readonly at: number } | undefined;
  /** Changes heard of since the focus is being asked; undefined: it is not. */
  heard: RosterChange[] | undefined;
}

type Context = ActorContext<RosterState, RosterMessage>;

/** Milliseconds: events are not repeated, so that one that was lost is found by looking again. */
const lookPeriod = 30_000;
/** Milliseconds until a focus that did not answer is asked again. */
const patience = 2000;
/** Milliseconds between two rounds of news, for each watcher: no room costs an instance more than 400 NOTIFYs a second. */
const pausePerWatcher = 2.5;
/** Milliseconds that no watcher waits longer for news, however many there are. */
const longestPause = 10_000;
/** Messages that may wait: a crowd that comes or goes at once. */
const mailboxLimit = 10_000;

/**
 * The actor that keeps what this instance knows of one room, for all its subscriptions to it: asks the focus once, then
 * lives from the events, and asks again where one is missing. It tells its watchers in rounds, at once when all was quiet
 * and in a large room after a pause, so that a thousand who join cost each of a thousand watchers a few NOTIFYs; and all
 * of them the same, so that their documents are made once.
 *
 * @spec RFC 4575 §3.10 (rate of notifications), RFC 6446 §5.2 (local policy)
 */
export function rosterKind(around: RosterSurroundings): ActorKind<RosterState, RosterMessage> {
  return {
    name: 'roster',
    mailboxLimit,
    load: () => ({ watchers: new Set(), roster: undefined, told: undefined, heard: undefined }),
    receive(context, message) {
      const { state } = context;
      switch (message.kind) {
        case 'Watch':
          state.watchers.add(message.callId);
          watch(around, context, message.callId);
          return;
        case 'Unwatch':
          state.watchers.delete(message.callId);
          if (state.watchers.size === 0) context.sleep();
          return;
        case 'Changed':
          changed(around, context, message.change);
          return;
        case 'Shown':
          shown(around, context, message.outcome);
          return;
        case 'Look':
          ask(around, context);
          return;
        case 'Tell':
          tell(around, context);
      }
    },
  };
}

/** A newcomer is shown what the others were told last, so that the next round is the same for all. */
function watch(around: RosterSurroundings, context: Context, callId: string): void {
  const { state } = context;
  if (state.roster === undefined || state.told === undefined) {
    ask(around, context);
    return;
  }
  if (pauseLeft(context) === 0) tell(around, context);
  around.tell(callId, { kind: 'Roster', roster: state.told.roster });
}

function ask(around: RosterSurroundings, context: Context): void {
  const { state, identity } = context;
  if (state.heard !== undefined) return;
  state.heard = [];
  context.whenSettled(around.show(identity), (outcome) => ({ kind: 'Shown', outcome }));
}

function changed(around: RosterSurroundings, context: Context, change: RosterChange): void {
  const { state } = context;
  if (state.heard !== undefined) state.heard.push(change);
  else if (state.roster === undefined) ask(around, context);
  else take(around, context, state.roster, [change]);
}

/** @returns whether the roster goes on */
function take(
  around: RosterSurroundings,
  context: Context,
  roster: LiveRoster,
  changes: readonly RosterChange[],
): void {
  for (const change of changes) {
    const taken = roster.take(change);
    if (taken === 'gone') {
      gone(around, context);
      return;
    }
    if (taken === 'ask') {
      ask(around, context);
      break;
    }
  }
  tellSoon(around, context);
}

function shown(
  around: RosterSurroundings,
  context: Context,
  outcome: Extract<RosterMessage, { kind: 'Shown' }>['outcome'],
): void {
  const { state } = context;
  const heard = state.heard ?? [];
  state.heard = undefined;
  const answer = outcome.ok ? outcome.value : undefined;
  if (answer?.ok) {
    if (state.roster === undefined) state.roster = new LiveRoster(answer.value);
    else state.roster.replace(answer.value);
    context.arm('look', lookPeriod, { kind: 'Look' });
    take(around, context, state.roster, heard);
  } else if (answer?.error.status === 404) {
    gone(around, context);
  } else context.arm('look', patience, { kind: 'Look' });
}

function tellSoon(around: RosterSurroundings, context: Context): void {
  const { roster, told } = context.state;
  if (roster === undefined || roster.version === told?.roster.version) return;
  const pause = pauseLeft(context);
  if (pause === 0) tell(around, context);
  else context.arm('tell', pause, { kind: 'Tell' });
}

/** Milliseconds until the watchers may be told again. */
function pauseLeft({ state, clock }: Context): number {
  if (state.told === undefined) return 0;
  const pause = Math.min(longestPause, state.watchers.size * pausePerWatcher);
  return Math.max(0, state.told.at + pause - clock.now());
}

function tell(around: RosterSurroundings, context: Context): void {
  const { state, clock } = context;
  context.disarm('tell');
  if (state.roster === undefined) return;
  const roster = state.roster.snapshot();
  if (roster === state.told?.roster) return;
  state.told = { roster, at: clock.now() };
  for (const callId of state.watchers) around.tell(callId, { kind: 'Roster', roster });
}

function gone(around: RosterSurroundings, context: Context): void {
  const { state, identity } = context;
  for (const callId of state.watchers) around.tell(callId, { kind: 'RoomGone', room: identity });
  state.watchers.clear();
  context.disarm('look');
  context.disarm('tell');
  context.sleep();
}
