import { err, ok, parseError } from '@parley/prelude';
import type { ParseError, Result } from '@parley/prelude';
import { fieldValue } from './header-field.ts';
import type { HeaderField } from './header-field.ts';
import type { MsrpRequestHead } from './request-head.ts';
import { lineOfText, textOfOctets } from './utf8-text.ts';

const quoted = /^"((?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\["\\])*)"$/;
const maxOctets = 1023;

/**
 * The nickname that a NICKNAME request asks for; empty when it gives its nickname back.
 *
 * @returns an error for a malformed or absent Use-Nickname: 424 in RFC 7701, 423 in draft-ietf-simple-chat-03
 * @spec RFC 7701 §7.1, §7.3: a quoted string of UTF-8 with at most 1023 octets between the quotes
 */
export function nicknameOf(request: Pick<MsrpRequestHead, 'fields'>): Result<string, ParseError> {
  const fail = (message: string): Result<string, ParseError> =>
    err(parseError('Use-Nickname', 0, 'RFC 7701 §7.1', message));
  const value = fieldValue(request.fields, 'Use-Nickname');
  if (value === undefined) return fail('expected a Use-Nickname');
  const inner = quoted.exec(value)?.[1];
  if (inner === undefined) return fail('expected a quoted string');
  if (inner.length > maxOctets) return fail(`expected at most ${maxOctets} octets`);
  return ok(textOfOctets(inner.replaceAll(/\\(.)/g, '$1')));
}

/** The Use-Nickname field for `nickname`; an empty one gives the nickname back. @spec RFC 7701 §7.1, §7.3 */
export function useNickname(nickname: string): HeaderField {
  return { name: 'Use-Nickname', value: `"${lineOfText(nickname).replaceAll(/["\\]/g, '\\$&')}"` };
}
