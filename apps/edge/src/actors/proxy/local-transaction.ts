import type { SipRequest, SipResponse } from '@parley/sip';
import type { Flow, ServerTransaction, TransactionLayer } from '@parley/sip-stack';

const here = { address: '127.0.0.1', port: 0 };

/** The way to requests of our own: nothing travels on it. */
const nowhere: Flow = {
  id: 'local',
  protocol: 'TCP',
  reliable: true,
  local: here,
  remote: here,
  peerNames: [],
  open: true,
  send: () => {},
  close: () => {},
};

/** A request that this edge makes and gives to its own proxy, as if it had come from a client. */
export class LocalTransaction implements ServerTransaction {
  readonly request: SipRequest;
  readonly flow = nowhere;
  readonly state = 'Trying';
  lastResponse: SipResponse | undefined = undefined;
  /** Resolves with the final response. */
  readonly answer: Promise<SipResponse>;
  private readonly resolve: (response: SipResponse) => void;

  constructor(request: SipRequest) {
    this.request = request;
    const { promise, resolve } = Promise.withResolvers<SipResponse>();
    this.answer = promise;
    this.resolve = resolve;
  }

  /** Whether the response is the final one, and the first. */
  take(response: SipResponse): boolean {
    if (this.lastResponse !== undefined || response.statusCode < 200) return false;
    this.lastResponse = response;
    this.resolve(response);
    return true;
  }
}

/** The layer, save that responses to requests of our own go back to who made them. */
export function withLocal(layer: Pick<TransactionLayer, 'respond'>): Pick<TransactionLayer, 'respond'> {
  return {
    respond: (to, response) => (to instanceof LocalTransaction ? to.take(response) : layer.respond(to, response)),
  };
}
