import type { ParseError, Result } from '@parley/prelude';
import { decodeUtf8, encodeUtf8, err, ok, parseError } from '@parley/prelude';

const plain = /^[A-Za-z0-9_-]+$/;
const escaped = /[^A-Za-z0-9_-]/gu;
const canonical = /^(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+$/;

const ascii = Array.from({ length: 128 }, (_, code) => `=${code.toString(16).toUpperCase().padStart(2, '0')}`);

function escapeCharacter(character: string): string {
  const short = ascii[character.charCodeAt(0)];
  if (short !== undefined) return short;
  let text = '';
  for (const octet of encodeUtf8(character)) text += `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  return text;
}

/**
 * Writes any name as one token of a subject or key: letters, digits, `-` and `_` stand for themselves, every other octet of
 * its UTF-8 is `=XX`, and the empty name is `=`. Two names never share a token (lone surrogates aside: they read as U+FFFD).
 *
 * @example encodeToken('sip:alice@localhost') === 'sip=3Aalice=40localhost'
 */
export function encodeToken(name: string): string {
  if (plain.test(name)) return name;
  return name === '' ? '=' : name.replace(escaped, escapeCharacter);
}

/** The name that {@link encodeToken} wrote as `token`; anything it would not have written is refused. */
export function decodeToken(token: string): Result<string, ParseError> {
  if (plain.test(token)) return ok(token);
  if (token === '=') return ok('');
  if (!canonical.test(token)) return err(tokenError('expected letters, digits, "-", "_" and "=XX"'));
  const octets: number[] = [];
  for (let at = 0; at < token.length; at++) {
    const isEscape = token.charAt(at) === '=';
    octets.push(isEscape ? parseInt(token.slice(at + 1, at + 3), 16) : token.charCodeAt(at));
    if (isEscape) at += 2;
  }
  const name = decodeUtf8(Uint8Array.from(octets));
  return encodeToken(name) === token ? ok(name) : err(tokenError('expected the UTF-8 of a name, escaped where needed'));
}

function tokenError(message: string): ParseError {
  return parseError('token', 0, 'subject tokens', message);
}
