import { readdirSync, readFileSync } from 'node:fs';
import type { Result } from '@parley/prelude';
import { unwrap } from '@parley/prelude';
import type { SipMessage, SipRequest, SipResponse } from '../src/index.ts';
import { parseSipMessage } from '../src/index.ts';

const vectors = new URL('../../../test/vectors/', import.meta.url);

/** Octets of a vector, e.g. `rfc4475/valid/wsinv`. */
export function vector(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`${name}.dat`, vectors)));
}

/** Names of the vectors in a folder, e.g. `rfc3665/valid`. */
export function vectorsIn(folder: string): string[] {
  return readdirSync(new URL(folder, vectors))
    .filter((file) => file.endsWith('.dat'))
    .map((file) => `${folder}/${file.slice(0, -4)}`)
    .sort();
}

/** One octet per character; lines end in CRLF. */
export function octets(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The message that head text and body spell, which must be well-formed. */
export function message(text: string): SipMessage {
  return unwrap(parseSipMessage(octets(text)));
}

/** {@link message} that is a request. */
export function request(text: string): SipRequest {
  const parsed = message(text);
  if (parsed.kind !== 'request') throw new Error('a response');
  return parsed;
}

/** {@link message} that is a response. */
export function response(text: string): SipResponse {
  const parsed = message(text);
  if (parsed.kind !== 'response') throw new Error('a request');
  return parsed;
}

/** The error of a result that must be one. */
export function failure<E>(result: Result<unknown, E>): E {
  if (result.ok) throw new Error('a success');
  return result.error;
}

/** A request with nothing but these lines and the mandatory ones. */
export function requestWith(...lines: string[]): SipRequest {
  const head = [
    'MESSAGE sip:bob@example.com SIP/2.0',
    'Via: SIP/2.0/UDP a.example.com;branch=z9hG4bK1',
    'From: <sip:alice@example.com>;tag=1',
    'To: <sip:bob@example.com>',
    'Call-ID: 1@a.example.com',
    'CSeq: 1 MESSAGE',
    'Max-Forwards: 70',
    ...lines,
  ];
  return request(`${head.join('\r\n')}\r\n\r\n`);
}
