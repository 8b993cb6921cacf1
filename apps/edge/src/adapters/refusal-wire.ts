import type { common } from '@parley/contracts';
import type { Refusal } from '@parley/prelude';

/** A refusal as it travels between services. */
export function refusalToWire({ status, phrase, message, retryAfter = 0 }: Refusal): common.Refusal {
  return { status, phrase, message, retryAfter };
}

/** The inverse of {@link refusalToWire}; a status that SIP does not know becomes 500. */
export function refusalFromWire({ status, phrase, message, retryAfter }: common.Refusal): Refusal {
  const known = status >= 300 && status <= 699 ? status : 500;
  return { kind: 'Refusal', status: known, phrase, message, ...(retryAfter > 0 ? { retryAfter } : {}) };
}
