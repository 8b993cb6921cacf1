import type { IsComposing } from '@parley/iscomposing';

/** What the room was told of one who composes. */
export interface Typist {
  /** The `active` that the room shows; undefined: none. */
  readonly shown:
    { readonly at: number; readonly refresh: number; readonly contentType: string | undefined } | undefined;
}

/** Somebody of whom the room shows nothing. */
export const idleTypist: Typist = { shown: undefined };

/** Milliseconds after which a receiver takes who says nothing for idle. @spec RFC 3994 §3.4 (120 s) */
const defaultRefresh = 120_000;

/**
 * Whether an indicator tells the room anything. A repeated `active` does from half of its refresh interval on, so that whoever
 * repeats it in time is shown without a gap; an `idle` does only while the room shows `active`.
 *
 * @param now - milliseconds of a clock that never goes back
 * @spec RFC 3994 §3.3 (refresh), REQ-COMP-13 and 15 of the Advanced IM Requirements
 */
export function isNews({ shown }: Typist, { state, contentType }: IsComposing, now: number): boolean {
  const isShown = shown !== undefined && now < shown.at + shown.refresh;
  if (state === 'idle' || !isShown) return (state === 'active') !== isShown;
  return contentType !== shown.contentType || now >= shown.at + shown.refresh / 2;
}

/** After the room was told an indicator. */
export function told({ state, contentType, refresh }: IsComposing, now: number): Typist {
  if (state === 'idle') return idleTypist;
  return { shown: { at: now, refresh: refresh === undefined ? defaultRefresh : refresh * 1000, contentType } };
}
