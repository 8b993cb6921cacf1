import type { ActorContext, ActorKind } from '@parley/actor';
import type { Refusal, Result } from '@parley/prelude';
import type { Roster, RosterChange } from '../roster/roster.ts';
import { applyChange } from '../roster/roster.ts';

/** What a roster takes. */
export type RosterMessage =
  | { readonly kind: 'Watch'; readonly callId: string }
  | { readonly kind: 'Unwatch'; readonly callId: string }
  /** The focus published a change. */
  | { readonly kind: 'Changed'; readonly change: RosterChange }
  | { readonly kind: 'Shown'; readonly outcome: Result<Result<Roster, Refusal>, unknown> }
  | { readonly kind: 'Look' };

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
  roster: Roster | undefined;
  /** The newest version heard of since the focus is being asked; undefined: it is not. */
  heard: number | undefined;
}

type Context = ActorContext<RosterState, RosterMessage>;

/** Milliseconds: events are not repeated, so that one that was lost is found by looking again. */
const lookPeriod = 30_000;
/** Milliseconds until a focus that did not answer is asked again. */
const patience = 2000;

/**
 * The actor that keeps what this instance knows of one room, for all its subscriptions to it: asks the focus once, then
 * lives from the events, and asks again where one is missing.
 */
export function rosterKind(around: RosterSurroundings): ActorKind<RosterState, RosterMessage> {
  return {
    name: 'roster',
    load: () => ({ watchers: new Set(), roster: undefined, heard: undefined }),
    receive(context, message) {
      const { state } = context;
      switch (message.kind) {
        case 'Watch':
          state.watchers.add(message.callId);
          if (state.roster === undefined) ask(around, context);
          else around.tell(message.callId, { kind: 'Roster', roster: state.roster });
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
      }
    },
  };
}

function ask(around: RosterSurroundings, context: Context): void {
  const { state, identity } = context;
  if (state.heard !== undefined) return;
  state.heard = 0;
  context.whenSettled(around.show(identity), (outcome) => ({ kind: 'Shown', outcome }));
}

function changed(around: RosterSurroundings, context: Context, change: RosterChange): void {
  const { state } = context;
  if (state.heard !== undefined) {
    state.heard = Math.max(state.heard, change.version);
    return;
  }
  if (state.roster === undefined) {
    ask(around, context);
    return;
  }
  const news = applyChange(state.roster, change);
  if (news.kind === 'ask') ask(around, context);
  else if (news.kind === 'gone') gone(around, context);
  else if (news.kind === 'roster') keep(around, context, news.roster);
}

function shown(
  around: RosterSurroundings,
  context: Context,
  outcome: Extract<RosterMessage, { kind: 'Shown' }>['outcome'],
): void {
  const { state } = context;
  const heard = state.heard ?? 0;
  state.heard = undefined;
  const answer = outcome.ok ? outcome.value : undefined;
  if (answer?.ok) {
    keep(around, context, answer.value);
    context.arm('look', lookPeriod, { kind: 'Look' });
    if (answer.value.version < heard) ask(around, context);
  } else if (answer?.error.status === 404) {
    gone(around, context);
  } else context.arm('look', patience, { kind: 'Look' });
}

function keep(around: RosterSurroundings, { state }: Context, roster: Roster): void {
  const isNews = state.roster?.version !== roster.version;
  state.roster = roster;
  if (isNews) for (const callId of state.watchers) around.tell(callId, { kind: 'Roster', roster });
}

function gone(around: RosterSurroundings, context: Context): void {
  const { state, identity } = context;
  for (const callId of state.watchers) around.tell(callId, { kind: 'RoomGone', room: identity });
  state.watchers.clear();
  context.disarm('look');
  context.sleep();
}
