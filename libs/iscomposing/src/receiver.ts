import type { IsComposing } from './is-composing.ts';

/** How a receiver takes status messages. */
export interface ReceiverRules {
  /** Seconds after which a sender that named no refresh counts as idle. */
  readonly refresh: number;
  /** Most seconds that a sender is believed, so that nobody composes for ever. */
  readonly longestRefresh: number;
}

/** Rules where nobody says otherwise; an hour is far more than anybody's refresh. @spec RFC 3994 §3.3 */
export const defaultReceiverRules: ReceiverRules = { refresh: 120, longestRefresh: 3600 };

/** What is known of somebody who may be composing. */
export type Receiver =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'active';
      /** When the sender counts as idle, in milliseconds of a monotonic clock. */
      readonly until: number;
      readonly contentType: string | undefined;
    };

/** What happens to a receiver. */
export type ReceiverInput =
  | { readonly kind: 'StatusReceived'; readonly message: IsComposing; readonly now: number }
  /** A content message of the same sender came. */
  | { readonly kind: 'ContentReceived' }
  /** The timer that was armed last fires. */
  | { readonly kind: 'TimerFired'; readonly now: number };

/** What a receiver wants done. */
export type ReceiverEffect =
  /** The state changed, or what is composed did. */
  | { readonly kind: 'Show'; readonly state: IsComposing['state']; readonly contentType?: string }
  /** One timer, which replaces any before. */
  | { readonly kind: 'ArmTimer'; readonly at: number }
  | { readonly kind: 'CancelTimer' };

/** The next state, and the effects in their order. */
export type ReceiverStep = readonly [Receiver, readonly ReceiverEffect[]];

type Row<S extends Receiver> = {
  readonly [K in ReceiverInput['kind']]: (
    state: S,
    input: Extract<ReceiverInput, { kind: K }>,
    rules: ReceiverRules,
  ) => ReceiverStep;
};

const idle: Receiver = { kind: 'idle' };

function show({ contentType }: IsComposing): ReceiverEffect {
  return { kind: 'Show', state: 'active', ...(contentType === undefined ? {} : { contentType }) };
}

/** Active until the refresh that the latest message names; shown again only when something changed. */
function activated(before: Receiver, message: IsComposing, now: number, rules: ReceiverRules): ReceiverStep {
  const seconds = Math.min(message.refresh ?? rules.refresh, rules.longestRefresh);
  const { contentType } = message;
  const isNew = before.kind === 'idle' || before.contentType !== contentType;
  const until = now + seconds * 1000;
  return [{ kind: 'active', until, contentType }, [...(isNew ? [show(message)] : []), { kind: 'ArmTimer', at: until }]];
}

const becomesIdle: ReceiverStep = [idle, [{ kind: 'CancelTimer' }, { kind: 'Show', state: 'idle' }]];

/** Figure 2 as a table: state, input, what follows. @spec RFC 3994 §3.3 */
export const receiverTable: { readonly [K in Receiver['kind']]: Row<Extract<Receiver, { kind: K }>> } = {
  idle: {
    StatusReceived: (state, { message, now }, rules) =>
      message.state === 'active' ? activated(state, message, now, rules) : [state, []],
    ContentReceived: (state) => [state, []],
    TimerFired: (state) => [state, []],
  },
  active: {
    StatusReceived: (state, { message, now }, rules) =>
      message.state === 'active' ? activated(state, message, now, rules) : becomesIdle,
    ContentReceived: () => becomesIdle,
    TimerFired: (state, { now }) =>
      now >= state.until ? [idle, [{ kind: 'Show', state: 'idle' }]] : [state, [{ kind: 'ArmTimer', at: state.until }]],
  },
};

/** A receiver that has heard nothing. */
export const newReceiver: Receiver = idle;

/** One step of the machine of who is shown what another composes. @spec RFC 3994 §3.3, figure 2 */
export function stepReceiver(
  state: Receiver,
  input: ReceiverInput,
  rules: ReceiverRules = defaultReceiverRules,
): ReceiverStep {
  // Row and cell are those of this very state and input, which the compiler cannot follow through the union.
  const row = receiverTable[state.kind] as Row<Receiver>;
  const cell = row[input.kind] as (state: Receiver, input: ReceiverInput, rules: ReceiverRules) => ReceiverStep;
  return cell(state, input, rules);
}
