import type { SipResponse } from '@parley/sip';

/** A request that ended with something other than 2xx; timeouts count as 408, lost transports as 503. */
export class SipFailureError extends Error {
  readonly kind = 'SipFailure';
  override readonly name = 'SipFailureError';
  readonly status: number;
  readonly response: SipResponse;

  constructor(method: string, response: SipResponse) {
    super(`${method} was answered ${response.statusCode} ${response.reasonPhrase}`);
    this.status = response.statusCode;
    this.response = response;
  }
}
