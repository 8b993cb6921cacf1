import { octetClass, skipWhile } from '../grammar/characters.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { single } from './define.ts';
import { mostSeconds } from './take.ts';

/** Above `most` a number counts as `most`: none of these fields means more by more. */
function clamped(most: number): (s: Scanner) => number {
  return (s) => s.number('1*DIGIT', most, true);
}

const mostHops = 255;

/** One to three digits. */
function plainHops(text: string, start: number, end: number): number | undefined {
  const begin = skipWhile(text, start, octetClass.blank);
  if (begin >= end || end - begin > 3 || skipWhile(text, begin, octetClass.digit) !== end) return undefined;
  const hops = Number(text.slice(begin, end));
  return hops > mostHops ? undefined : hops;
}

/** Hops left, 0 to 255; one that says more is malformed. @spec RFC 3261 §20.22 */
export const maxForwards: HeaderDefinition<number> = single(
  'Max-Forwards',
  (s) => s.number('1*DIGIT', mostHops),
  String,
  plainHops,
);

/** Seconds that the message or what it asks for stays good. @spec RFC 3261 §20.19, RFC 3428 §4 */
export const expires: HeaderDefinition<number> = single('Expires', clamped(mostSeconds), String);

/** Shortest interval that a registrar takes, in seconds. @spec RFC 3261 §20.23 */
export const minExpires: HeaderDefinition<number> = single('Min-Expires', clamped(mostSeconds), String);

/** Octets of the body; `serialiseHead` sets it by itself. @spec RFC 3261 §20.14 */
export const contentLength: HeaderDefinition<number> = single(
  { name: 'Content-Length', compact: 'l' },
  (s) => s.number('1*DIGIT', Number.MAX_SAFE_INTEGER),
  String,
);

/** Parallel branches allowed. @spec RFC 5393 §5.3.3 */
export const maxBreadth: HeaderDefinition<number> = single('Max-Breadth', clamped(mostSeconds), String);

/** Seconds between keep-alives, at most, that the registrar expects. @spec RFC 5626 §10 */
export const flowTimer: HeaderDefinition<number> = single('Flow-Timer', clamped(mostSeconds), String);

/** Number of a reliable provisional response. @spec RFC 3262 §7.1 */
export const rSeq: HeaderDefinition<number> = single('RSeq', (s) => s.number('response-num', mostSeconds), String);

/** Largest body in octets that the sender of a 413 takes; an extension of this server. */
export const maxSize: HeaderDefinition<number> = single(
  'Max-Size',
  (s) => s.number('1*DIGIT', Number.MAX_SAFE_INTEGER),
  String,
);
