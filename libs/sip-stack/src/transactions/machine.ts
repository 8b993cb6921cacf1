import type { TimerName } from './timers.ts';

/**
 * What the owner of a transaction has to do; data, in the order in which it is done.
 *
 * @note In every row timers come before what leaves the machine, so that an answer that comes while it is still being
 * sent finds the transaction ready.
 */
export type TransactionEffect =
  /** Hand the request to the transport: the first time and at each retransmission. */
  | { readonly kind: 'SendRequest' }
  /** Build the ACK of a non-2xx response and send it where the INVITE went. @spec RFC 3261 §17.1.1.3 */
  | { readonly kind: 'SendAck' }
  /** Send the response that the transaction user just gave, and keep it. */
  | { readonly kind: 'SendResponse' }
  /** Send the last response once more, when there is one. */
  | { readonly kind: 'RepeatResponse' }
  /** Make a 100 and send it. */
  | { readonly kind: 'SendTrying' }
  /** Hand the message that just came to the transaction user. */
  | { readonly kind: 'Pass' }
  | { readonly kind: 'InformTimeout' }
  | { readonly kind: 'InformTransportError' }
  /** Start the timer anew with its first interval. A limit or wait timer takes the place of the one before. */
  | { readonly kind: 'ArmTimer'; readonly timer: TimerName }
  /** Start a repeating timer with its next interval, or with T2. */
  | { readonly kind: 'ResetTimer'; readonly timer: TimerName; readonly to: 'double' | 'T2' }
  | { readonly kind: 'StopTimer'; readonly timer: TimerName };

/** Where a stimulus leads. */
export interface Transition<State extends string> {
  readonly to: State;
  readonly effects: readonly TransactionEffect[];
  readonly section: string;
}

/** A state machine as a table: a stimulus that a state does not list changes nothing. */
export interface Machine<State extends string, Stimulus extends string> {
  readonly name: string;
  /** How a transaction is born. */
  readonly initial: Transition<State>;
  readonly table: Readonly<Record<State, Readonly<Partial<Record<Stimulus, Transition<State>>>>>>;
}

/** The cell of the table, or undefined where the stimulus is ignored. */
export function transitionOf<State extends string, Stimulus extends string>(
  machine: Machine<State, Stimulus>,
  state: State,
  stimulus: Stimulus,
): Transition<State> | undefined {
  return machine.table[state][stimulus];
}

/** One step of a machine: the state after the stimulus, and what to do. Time comes in as timers that fire. */
export function step<State extends string, Stimulus extends string>(
  machine: Machine<State, Stimulus>,
  state: State,
  stimulus: Stimulus,
): readonly [State, readonly TransactionEffect[]] {
  const transition = transitionOf(machine, state, stimulus);
  return transition === undefined ? [state, []] : [transition.to, transition.effects];
}

/** Builds a cell of a table. */
export function to<State extends string>(
  state: State,
  section: string,
  ...effects: readonly TransactionEffect[]
): Transition<State> {
  return { to: state, effects, section };
}
