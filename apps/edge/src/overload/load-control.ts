/** Kinds of requests, in the order in which they are given up. */
export type RequestKind = 'deferrable' | 'message' | 'kept';

/** How overloaded a server is, as its controller knows it. */
export interface Load {
  /** Milliseconds that requests wait, smoothed. */
  readonly delay: number;
  /** 0, nothing is given up; up to 1 the deferrable requests, up to 2 the messages, above that some of the rest. */
  readonly level: number;
}

/** No load at all. */
export const noLoad: Load = { delay: 0, level: 0 };

/** Part of a measurement that counts at once: a single pause of the process, however long, is not yet overload. */
const freshness = 0.3;
/** Times the target that a measurement counts for at most. */
const mostMeasured = 4;
/** Levels a second at a delay of twice the target. */
const climb = 0.5;
/** Part of its height that the level loses in a second without delay. */
const descent = 0.9;
/** Not all of those who keep a session alive are given up, ever. */
const highest = 2.5;
/**
 * Where the kernel throws away what there is no time to refuse: one message refused for three that are taken. To refuse costs a
 * quarter of serving, most of it the datagram that says so: who refused all that he cannot take would do little else.
 */
export const highestBesideThinning = 1.25;
/**
 * Over connections all messages at most: what is not read slows its senders down, so that there is always enough for what keeps up
 * sessions.
 */
export const highestOverConnections = 2;
/** Not all messages are, either: what is answered shows whether the load is gone. */
const mostLost = 0.95;

/**
 * The load after one more measurement. An integral controller: the level climbs as long as requests wait longer than
 * the target, so that just enough is given up to keep the server busy and its queue short.
 *
 * @param measured - milliseconds that a request waits now
 * @param target - milliseconds that it may wait
 * @param elapsed - milliseconds since the last measurement
 * @param most - level that is not exceeded
 * @spec RFC 6357 §4, RFC 7339 §5.3
 */
export function observeLoad(
  { delay, level }: Load,
  measured: number,
  target: number,
  elapsed: number,
  most = highest,
): Load {
  const smoothed = delay + freshness * (Math.min(measured, mostMeasured * target) - delay);
  const excess = smoothed / target - 1;
  const seconds = Math.min(1, elapsed / 1000);
  const step = excess > 0 ? Math.min(2, excess) * climb : level * Math.max(-1, excess * 2) * descent;
  const next = Math.min(most, Math.max(0, level + step * seconds));
  return { delay: smoothed, level: next < 0.01 && excess < 0 ? 0 : next };
}

/** Part of the requests of a kind that is given up, 0 to below 1. */
export function lossOf({ level }: Load, kind: RequestKind): number {
  const place = kind === 'deferrable' ? 0 : kind === 'message' ? 1 : 2;
  return Math.min(mostLost, Math.max(0, level - place));
}
