import type { IsComposing } from './is-composing.ts';

/** How a composer tells that it is active. */
export interface ComposerRules {
  /** Seconds between "active" messages while the user goes on, 60 at least; undefined: only the first is sent. */
  readonly refresh: number | undefined;
  /** Milliseconds without activity after which the user counts as idle. */
  readonly idleTimeout: number;
  /** Media type of what is composed. */
  readonly contentType?: string;
}

/** Rules where nobody says otherwise. @spec RFC 3994 §3.2 */
export const defaultComposerRules: ComposerRules = { refresh: 60, idleTimeout: 15_000 };

/** Where a composer stands. Times are milliseconds of one monotonic clock. */
export type Composer =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'active';
      readonly lastActivity: number;
      /** When the last "active" message went out. */
      readonly sentAt: number;
    }
  /** The receiver takes no status messages: none is sent any more. */
  | { readonly kind: 'ceased' };

/** What happens to a composer. */
export type ComposerInput =
  /** The user adds or edits content. */
  | { readonly kind: 'Composing'; readonly now: number }
  /** The content message is sent. */
  | { readonly kind: 'ContentSent' }
  /** The timer that was armed last fires. */
  | { readonly kind: 'TimerFired'; readonly now: number }
  /** A status message was answered 415. */
  | { readonly kind: 'Unsupported' };

/** What a composer wants done. */
export type ComposerEffect =
  | { readonly kind: 'Send'; readonly message: IsComposing }
  /** One timer, which replaces any before. */
  | { readonly kind: 'ArmTimer'; readonly at: number }
  | { readonly kind: 'CancelTimer' };

/** The next state, and the effects in their order. */
export type ComposerStep = readonly [Composer, readonly ComposerEffect[]];

type Active = Extract<Composer, { kind: 'active' }>;
type Row<S extends Composer> = {
  readonly [K in ComposerInput['kind']]: (
    state: S,
    input: Extract<ComposerInput, { kind: K }>,
    rules: ComposerRules,
  ) => ComposerStep;
};

const idle: Composer = { kind: 'idle' };
const ceased: Composer = { kind: 'ceased' };

function message(state: IsComposing['state'], { refresh, contentType }: ComposerRules): ComposerEffect {
  const more = state === 'active' && refresh !== undefined ? { refresh } : {};
  return { kind: 'Send', message: { state, ...(contentType === undefined ? {} : { contentType }), ...more } };
}

/** The idle timeout or the refresh, whichever comes first. */
function nextTimer({ lastActivity, sentAt }: Active, { refresh, idleTimeout }: ComposerRules): ComposerEffect {
  const refreshAt = refresh === undefined ? Infinity : sentAt + refresh * 1000;
  return { kind: 'ArmTimer', at: Math.min(lastActivity + idleTimeout, refreshAt) };
}

function activated(now: number, lastActivity: number, rules: ComposerRules): ComposerStep {
  const state: Active = { kind: 'active', lastActivity, sentAt: now };
  return [state, [message('active', rules), nextTimer(state, rules)]];
}

/** The timer is not moved with every key that is pressed: when it fires, it looks how long ago the last one was. */
function timerFired(state: Active, now: number, rules: ComposerRules): ComposerStep {
  if (now >= state.lastActivity + rules.idleTimeout) return [idle, [message('idle', rules)]];
  const isDue = rules.refresh !== undefined && now >= state.sentAt + rules.refresh * 1000;
  return isDue ? activated(now, state.lastActivity, rules) : [state, [nextTimer(state, rules)]];
}

/**
 * Figure 1 as a table: state, input, what follows.
 *
 * @note "One status message per refresh interval" is kept for "active" messages of one stretch of composing. It cannot be
 * meant of transitions: the idle timeout of 15 s would never be told within a refresh of 60 s.
 * @spec RFC 3994 §3.2
 */
export const composerTable: { readonly [K in Composer['kind']]: Row<Extract<Composer, { kind: K }>> } = {
  idle: {
    Composing: (_, { now }, rules) => activated(now, now, rules),
    ContentSent: (state) => [state, []],
    TimerFired: (state) => [state, []],
    Unsupported: () => [ceased, []],
  },
  active: {
    Composing: (state, { now }) => [{ ...state, lastActivity: now }, []],
    ContentSent: () => [idle, [{ kind: 'CancelTimer' }]],
    TimerFired: (state, { now }, rules) => timerFired(state, now, rules),
    Unsupported: () => [ceased, [{ kind: 'CancelTimer' }]],
  },
  // RFC 3994 §4: the composer MUST cease after a 415.
  ceased: {
    Composing: (state) => [state, []],
    ContentSent: (state) => [state, []],
    TimerFired: (state) => [state, []],
    Unsupported: (state) => [state, []],
  },
};

/** A composer before its user did anything. */
export const newComposer: Composer = idle;

/** One step of the machine of who composes. @spec RFC 3994 §3.2, figure 1 */
export function stepComposer(
  state: Composer,
  input: ComposerInput,
  rules: ComposerRules = defaultComposerRules,
): ComposerStep {
  // Row and cell are those of this very state and input, which the compiler cannot follow through the union.
  const row = composerTable[state.kind] as Row<Composer>;
  const cell = row[input.kind] as (state: Composer, input: ComposerInput, rules: ComposerRules) => ComposerStep;
  return cell(state, input, rules);
}
