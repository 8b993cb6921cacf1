import type { SipRequest } from '@parley/sip';
import { field, mayHaveSeveral, readRaw, readRawAll } from '@parley/sip';
import { magicCookie } from '@parley/sip-stack';

const prime = 0x01000193;
const symbols = Uint8Array.from('0123456789abcdefghijklmnopqrstuv', (symbol) => symbol.charCodeAt(0));

const cookie = Array.from(magicCookie, (symbol) => symbol.charCodeAt(0));

/** A hash that goes on over a text. Not for secrets. */
export function mixed(hash: number, text: string): number {
  let result = hash;
  for (let i = 0; i < text.length; i++) result = Math.imul(result ^ text.charCodeAt(i), prime);
  return result;
}

/**
 * What stays the same when a request comes round in a loop, and changes when it spirals: its Request-URI and what names
 * it, mixed with the seed of our edges. The branch of our Via begins with it: the magic cookie and seven characters.
 *
 * @spec RFC 3261 §16.6 (8), RFC 5393 §4.2.1
 */
export function loopMark(request: SipRequest, seed: number): string {
  let hash = mixed(seed, request.requestUri);
  hash = mixed(hash, readRaw(request, field.callId) ?? '');
  hash = mixed(hash, readRaw(request, field.cSeq) ?? '');
  hash = mixed(hash, readRaw(request, field.route) ?? '');
  return inSymbols(hash);
}

/** 32 bits in seven characters behind the cookie; `toString` of a number takes ten times as long above 31 bits. */
function inSymbols(hash: number): string {
  const codes = cookie.slice();
  for (let shift = 30; shift >= 0; shift -= 5) codes.push(symbols[(hash >>> shift) & 31] ?? 0);
  return String.fromCharCode.apply(undefined, codes);
}

/**
 * Whether the request passed one of our edges before in this very form. All edges share the seed, which nobody else has,
 * so that the mark alone is proof.
 *
 * @spec RFC 3261 §16.3 (4)
 */
export function isLooped(request: SipRequest, seed: number): boolean {
  if (!mayHaveSeveral(request, field.via)) return false;
  const mark = `branch=${loopMark(request, seed)}`;
  return readRawAll(request, 'Via').some((value) => value.includes(mark));
}
