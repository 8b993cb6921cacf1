import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import type { Parameters } from '../grammar/parameters.ts';
import { noParameters } from '../grammar/parameters.ts';
import { normaliseEscapes } from './escapes.ts';
import { isHost } from './host.ts';
import { parseUriHeaders } from './parse-uri-headers.ts';
import { noHeaders } from './plain-sip-uri.ts';
import type { SipUri } from './uri.ts';

const user = /^[A-Za-z0-9\-_.!~*'()&=+$,;?/]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-_.!~*'()&=+$,;?/]*)*$/;
const password = /^[A-Za-z0-9\-_.!~*'()&=+$,]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-_.!~*'()&=+$,]*)*$/;
const parameter = /^[A-Za-z0-9\-_.!~*'()[\]/:&+$]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-_.!~*'()[\]/:&+$]*)*$/;
const portDigits = /^[0-9]{1,10}$/;
/** A URI that is being read. */
type Draft = { -readonly [K in keyof SipUri]: SipUri[K] };

/**
 * Reads what follows `sip:` or `sips:`. The first `@` ends the user part: no other component may hold one, while the
 * user part may hold `;`, `?` and `/`.
 *
 * @spec RFC 3261 §19.1.1, §25.1
 */
export function parseSipUri(scheme: 'sip' | 'sips', text: string): Result<SipUri, ParseError> {
  const at = text.indexOf('@');
  const uri: Draft = {
    kind: 'sip',
    scheme,
    user: undefined,
    password: undefined,
    host: '',
    port: undefined,
    parameters: noParameters,
    headers: noHeaders,
  };
  const problem = (at === -1 ? undefined : readUserinfo(uri, text.slice(0, at))) ?? readTarget(uri, text.slice(at + 1));
  return problem === undefined ? ok(uri) : err(problem);
}

function readUserinfo(uri: Draft, text: string): ParseError | undefined {
  const colon = text.indexOf(':');
  const name = colon === -1 ? text : text.slice(0, colon);
  if (name === '' || !user.test(name)) return failure('user', 'expected a user part before @');
  uri.user = name;
  if (colon === -1) return undefined;
  uri.password = text.slice(colon + 1);
  return password.test(uri.password) ? undefined : failure('password', 'expected a password before @');
}

/** hostport uri-parameters [ headers ] */
function readTarget(uri: Draft, text: string): ParseError | undefined {
  const question = text.indexOf('?');
  const beforeHeaders = question === -1 ? text : text.slice(0, question);
  const semicolon = beforeHeaders.indexOf(';');
  const hostport = semicolon === -1 ? beforeHeaders : beforeHeaders.slice(0, semicolon);
  const problem = readHostPort(uri, hostport);
  if (problem !== undefined) return problem;
  if (semicolon !== -1) {
    const parameters = parseUriParameters(beforeHeaders.slice(semicolon + 1));
    if (!parameters.ok) return parameters.error;
    uri.parameters = parameters.value;
  }
  if (question === -1) return undefined;
  const headers = parseUriHeaders(text.slice(question + 1));
  if (!headers.ok) return headers.error;
  uri.headers = headers.value;
  return undefined;
}

function readHostPort(uri: Draft, text: string): ParseError | undefined {
  const colon = text.indexOf(':', text.startsWith('[') ? text.indexOf(']') + 1 : 0);
  uri.host = colon === -1 ? text : text.slice(0, colon);
  if (!isHost(uri.host)) return failure('host', 'expected a host name or an address');
  if (colon === -1) return undefined;
  const digits = text.slice(colon + 1);
  uri.port = Number(digits);
  return portDigits.test(digits) && uri.port <= 65_535 ? undefined : failure('port', 'expected a port up to 65535');
}

function parseUriParameters(text: string): Result<Parameters, ParseError> {
  const parameters = new Map<string, string | undefined>();
  for (const piece of text.split(';')) {
    const equals = piece.indexOf('=');
    const raw = equals === -1 ? piece : piece.slice(0, equals);
    const value = equals === -1 ? undefined : piece.slice(equals + 1);
    if (raw === '' || value === '' || !parameter.test(raw) || (value !== undefined && !parameter.test(value))) {
      return err(failure('uri-parameter', 'expected a name, or a name and a value'));
    }
    const name = normaliseEscapes(raw).toLowerCase();
    if (parameters.has(name)) return err(failure('uri-parameter', 'expected each parameter once'));
    parameters.set(name, value);
  }
  return ok(parameters);
}

function failure(rule: string, message: string): ParseError {
  return parseError(rule, 0, 'RFC 3261 §25.1', message);
}
