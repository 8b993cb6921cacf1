import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { isHost } from './host.ts';
import { parseUriHeaders } from './parse-uri-headers.ts';
import type { ImUri } from './uri.ts';

const local = /^[A-Za-z0-9\-_.!~*'()&=+$,;/]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-_.!~*'()&=+$,;/]*)*$/;

/** Reads what follows `im:` or `pres:`. @spec RFC 3860 §3, RFC 3859 §3 */
export function parseImUri(scheme: 'im' | 'pres', text: string): Result<ImUri, ParseError> {
  const question = text.indexOf('?');
  const address = question === -1 ? text : text.slice(0, question);
  const at = address.indexOf('@');
  const user = address.slice(0, Math.max(0, at));
  const host = address.slice(at + 1);
  if (user === '' || !local.test(user) || !isHost(host)) {
    return err(parseError('IM-URI', 0, 'RFC 3860 §3', 'expected a user part, @ and a host'));
  }
  const headers = question === -1 ? ok([]) : parseUriHeaders(text.slice(question + 1));
  return headers.ok ? ok({ kind: 'im', scheme, user, host, headers: headers.value }) : headers;
}
