/** Parts of the kernel's queue above which less is let in, and below which more is. */
const tooFull = 0.75;
const roomy = 0.5;
/** Below this a burst is over. */
const nearlyEmpty = 0.1;
/**
 * Times shorter that the queue is held once less is let in. What waits in it waits for its answer too, and what is under way for long outlives
 * the young generation; and a queue with room has none that it throws away, answers of devices among them.
 */
const shorter = 4;
/** What is let in after one more look, as a multiple of before. */
const thinner = 0.9;
const thicker = 1.02;
const muchThicker = 1.1;
/** Something is always let in: that alone shows whether the load is gone. */
export const leastLetIn = 0.002;

/**
 * Part of the requests that can wait which the kernel is to let in, after one more look at its queue. Refusing keeps the queue half
 * full for as long as all can be refused; only beyond that does it fill, and what it then has no room for would be lost
 * whatever it is, answers of devices too, each of which costs a message sent again.
 *
 * @param fill - part of the queue that is taken; above 1, something was thrown away
 * @param isFalling - whether less is taken than at the last look: then no more is kept out, for it would show only when
 * all that waits has come through, and leave nothing to do
 * @spec RFC 3261 §21.5.4 (a server may drop a request instead of answering 503)
 */
export function partLetIn(part: number, fill: number, isFalling = false): number {
  if (fill > 1) return Math.max(leastLetIn, part / 2);
  const counted = part < 1 ? fill * shorter : fill;
  if (counted > tooFull) return isFalling ? part : Math.max(leastLetIn, part * thinner);
  return counted < roomy ? Math.min(1, part * (counted < nearlyEmpty ? muchThicker : thicker)) : part;
}
