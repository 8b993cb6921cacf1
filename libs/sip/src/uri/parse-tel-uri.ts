import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { noParameters } from '../grammar/parameters.ts';
import type { Parameters } from '../grammar/parameters.ts';
import type { TelUri } from './uri.ts';

const globalNumber = /^\+[0-9().-]*$/;
const localNumber = /^[0-9A-Fa-f*#().-]+$/;
const hasDigit = /[0-9]/;
const hasLocalDigit = /[0-9A-Fa-f*#]/;
const parameterName = /^[A-Za-z0-9-]+$/;
const parameterValue = /^[A-Za-z0-9\-_.!~*'()[\]/:&+$]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-_.!~*'()[\]/:&+$]*)*$/;

/** Reads what follows `tel:`. @spec RFC 3966 §3 */
export function parseTelUri(text: string): Result<TelUri, ParseError> {
  const semicolon = text.indexOf(';');
  const number = semicolon === -1 ? text : text.slice(0, semicolon);
  const parameters = semicolon === -1 ? ok(noParameters) : parseTelParameters(text.slice(semicolon + 1));
  if (!parameters.ok) return parameters;
  if (!isNumber(number)) return failure('telephone-subscriber', 'expected a telephone number');
  if (!number.startsWith('+') && parameters.value.get('phone-context') === undefined) {
    return failure('local-number', 'expected a phone-context');
  }
  return ok({ kind: 'tel', scheme: 'tel', number, parameters: parameters.value });
}

function isNumber(text: string): boolean {
  return text.startsWith('+')
    ? globalNumber.test(text) && hasDigit.test(text)
    : localNumber.test(text) && hasLocalDigit.test(text);
}

function parseTelParameters(text: string): Result<Parameters, ParseError> {
  const parameters = new Map<string, string | undefined>();
  for (const piece of text.split(';')) {
    const equals = piece.indexOf('=');
    const name = (equals === -1 ? piece : piece.slice(0, equals)).toLowerCase();
    const value = equals === -1 ? undefined : piece.slice(equals + 1);
    const wellFormed = parameterName.test(name) && value !== '' && (value === undefined || parameterValue.test(value));
    if (!wellFormed || parameters.has(name)) return failure('par', 'expected parameters, each once');
    parameters.set(name, value);
  }
  return ok(parameters);
}

function failure(rule: string, message: string): Result<never, ParseError> {
  return err(parseError(rule, 0, 'RFC 3966 §3', message));
}
