import { STATUS_CODES } from 'node:http';
import type { BusFailure } from '@parley/bus';
import type { common } from '@parley/contracts';

/** Why a request is not carried out, as the client is told: `{"error":{"code","message"}}`. */
export interface Problem {
  readonly status: number;
  /** For programs; keeps its meaning. */
  readonly code: string;
  /** For people: what was expected. */
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Builds a {@link Problem}. */
export function problem(
  status: number,
  code: string,
  message: string,
  headers?: Readonly<Record<string, string>>,
): Problem {
  return { status, code, message, ...(headers && { headers }) };
}

/** Seconds after which a client may try again when nothing better is known. */
const usualPause = 5;

/** Status and code of what a service refuses, by the status that it says; all others are 422 or 502. */
const refusals: Readonly<Record<number, string>> = {
  400: 'invalid',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  410: 'gone',
  413: 'too-large',
  429: 'too-many-requests',
  501: 'not-implemented',
  503: 'unavailable',
};

/** What a service's refusal means to a client of HTTP. */
export function refusalProblem({ status, phrase, message, retryAfter }: common.Refusal): Problem {
  const text =
    phrase === STATUS_CODES[status] && message !== '' ? message : [phrase, message].filter(Boolean).join(': ');
  const headers = retryAfter > 0 ? { 'retry-after': String(retryAfter) } : undefined;
  const code = refusals[status];
  if (code !== undefined) return problem(status, code, text, headers);
  return status >= 500 && status < 600
    ? problem(502, 'bad-answer', text, headers)
    : problem(422, 'refused', text, headers);
}

/** What a failure of the bus means to a client of HTTP. @param service - who was asked */
export function busProblem({ reason, message }: BusFailure, service: string): Problem {
  const later = { 'retry-after': String(usualPause) };
  switch (reason) {
    case 'timeout':
      return problem(504, 'timeout', `${service} did not answer in time; it may have been carried out`, later);
    case 'disconnected':
    case 'closed':
      return problem(503, 'unavailable', 'NATS is away', later);
    case 'no-responder':
      return problem(503, 'unavailable', `no ${service} is there to ask`, later);
    case 'busy':
    case 'store':
      return problem(503, 'unavailable', `${service}: ${message}`, later);
    case 'refused':
      return problem(413, 'too-large', message);
    case 'fault':
    case 'unreadable':
      return problem(502, 'bad-answer', `${service}: ${message}`);
  }
}

/** An answer that is none of those that the question has. */
export function unexpectedAnswer(service: string): Problem {
  return problem(502, 'bad-answer', `${service} gave an answer that this version does not know`);
}
