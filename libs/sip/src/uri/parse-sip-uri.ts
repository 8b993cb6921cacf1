import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import type { Parameters } from '../grammar/parameters.ts';
import { noParameters } from '../grammar/parameters.ts';
import { normaliseEscapes } from './escapes.ts';
import { isHost } from './host.ts';
import { parseUriHeaders } from './parse-uri-headers.ts';
import type { SipUri, UriHeader } from './uri.ts';

const user = /^[A-Za-z0-9\-_.!~*'()&=+$,;?/]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-_.!~*'()&=+$,;?/]*)*$/;
const password = /^[A-Za-z0-9\-_.!~*'()&=+$,]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-_.!~*'()&=+$,]*)*$/;
const parameter = /^[A-Za-z0-9\-_.!~*'()[\]/:&+$]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-_.!~*'()[\]/:&+$]*)*$/;
const portDigits = /^[0-9]{1,10}$/;
const noHeaders: readonly UriHeader[] = [];

/**
 * Reads what follows `sip:` or `sips:`. The first `@` ends the user part: no other component may hold one, while the
 * user part may hold `;`, `?` and `/`.
 *
 * @spec RFC 3261 §19.1.1, §25.1
 */
export function parseSipUri(scheme: 'sip' | 'sips', text: string): Result<SipUri, ParseError> {
  const at = text.indexOf('@');
  const userinfo = at === -1 ? undefined : text.slice(0, at);
  const colon = userinfo?.indexOf(':') ?? -1;
  const name = colon === -1 ? userinfo : userinfo?.slice(0, colon);
  const secret = colon === -1 ? undefined : userinfo?.slice(colon + 1);
  if (name !== undefined && (name === '' || !user.test(name))) return failure('user', 'expected a user part before @');
  if (secret !== undefined && !password.test(secret)) return failure('password', 'expected a password before @');
  const target = parseTarget(text.slice(at + 1));
  if (!target.ok) return target;
  return ok({
    kind: 'sip',
    scheme,
    ...(name === undefined ? {} : { user: name }),
    ...(secret === undefined ? {} : { password: secret }),
    ...target.value,
  });
}

type Target = Pick<SipUri, 'host' | 'port' | 'parameters' | 'headers'>;

/** hostport uri-parameters [ headers ] */
function parseTarget(text: string): Result<Target, ParseError> {
  const question = text.indexOf('?');
  const beforeHeaders = question === -1 ? text : text.slice(0, question);
  const semicolon = beforeHeaders.indexOf(';');
  const hostport = semicolon === -1 ? beforeHeaders : beforeHeaders.slice(0, semicolon);
  const address = parseHostPort(hostport);
  if (!address.ok) return address;
  const parameters = semicolon === -1 ? ok(noParameters) : parseUriParameters(beforeHeaders.slice(semicolon + 1));
  if (!parameters.ok) return parameters;
  const headers = question === -1 ? ok(noHeaders) : parseUriHeaders(text.slice(question + 1));
  return headers.ok ? ok({ ...address.value, parameters: parameters.value, headers: headers.value }) : headers;
}

/** Reads host and port. @spec RFC 3261 §25.1 (hostport) */
export function parseHostPort(text: string): Result<Pick<SipUri, 'host' | 'port'>, ParseError> {
  const colon = text.startsWith('[') ? text.indexOf(':', text.indexOf(']') + 1) : text.indexOf(':');
  const host = colon === -1 ? text : text.slice(0, colon);
  if (!isHost(host)) return failure('host', 'expected a host name or an address');
  if (colon === -1) return ok({ host });
  const digits = text.slice(colon + 1);
  if (!portDigits.test(digits) || Number(digits) > 65_535) return failure('port', 'expected a port up to 65535');
  return ok({ host, port: Number(digits) });
}

function parseUriParameters(text: string): Result<Parameters, ParseError> {
  const parameters = new Map<string, string | undefined>();
  for (const piece of text.split(';')) {
    const equals = piece.indexOf('=');
    const raw = equals === -1 ? piece : piece.slice(0, equals);
    const value = equals === -1 ? undefined : piece.slice(equals + 1);
    if (raw === '' || value === '' || !parameter.test(raw) || (value !== undefined && !parameter.test(value))) {
      return failure('uri-parameter', 'expected a name, or a name and a value');
    }
    const name = normaliseEscapes(raw).toLowerCase();
    if (parameters.has(name)) return failure('uri-parameter', 'expected each parameter once');
    parameters.set(name, value);
  }
  return ok(parameters);
}

function failure(rule: string, message: string): Result<never, ParseError> {
  return err(parseError(rule, 0, 'RFC 3261 §25.1', message));
}
