import { createResponseTo } from '@parley/sip';
import type { SipRequest, SipResponse } from '@parley/sip';
import { answerChallenge, authorise, withNextNonce } from '@parley/sip-stack';
import type { DigestSession, DigestTools, Flow, ResponseUser, TransactionLayer } from '@parley/sip-stack';
import type { UserAgentOptions } from './options.ts';

/** A request as it finally went out, and the final response to it. */
export interface Exchange {
  readonly request: SipRequest;
  readonly response: SipResponse;
}

/** Who listens to an INVITE beyond its first final response. */
export interface InviteListener {
  readonly onProvisional?: (response: SipResponse, request: SipRequest) => void;
  /** Every 2xx, also repeated ones. */
  readonly onAccepted?: (exchange: Exchange) => void;
}

/** Times that one request is sent again with other credentials: a stale nonce may meet another one. */
const maxChallenges = 3;

/** Sends requests over the agent's flow and answers challenges. @spec RFC 3261 §8.1, §22 */
export class Requester {
  readonly #layer: TransactionLayer;
  readonly #flow: () => Flow;
  readonly #options: UserAgentOptions;
  readonly #tools: DigestTools;
  #sessions: readonly DigestSession[] = [];

  constructor(layer: TransactionLayer, flow: () => Flow, options: UserAgentOptions) {
    this.#layer = layer;
    this.#flow = flow;
    this.#options = options;
    this.#tools = { hash: options.hash, random: options.random };
  }

  /** Sends the request, with credentials when they are asked for; never rejects. */
  async send(request: SipRequest, listener: InviteListener = {}): Promise<Exchange> {
    let attempt = this.#authorised(request);
    for (let challenges = 0; ; challenges++) {
      const response = await this.#transact(attempt, listener);
      const { statusCode } = response;
      if ((statusCode !== 401 && statusCode !== 407) || challenges === maxChallenges) {
        this.#sessions = withNextNonce(this.#sessions, response);
        return { request: attempt, response };
      }
      const answered = answerChallenge(attempt, response, () => this.#account(), this.#sessions, this.#tools);
      if (!answered.ok) return { request: attempt, response };
      this.#sessions = answered.value.sessions;
      attempt = answered.value.request;
    }
  }

  #authorised(request: SipRequest): SipRequest {
    const { request: attempt, sessions } = authorise(request, this.#sessions, this.#tools);
    this.#sessions = sessions;
    return attempt;
  }

  #account(): { readonly username: string; readonly password: string } | undefined {
    const { username = userOf(this.#options.aor), password } = this.#options;
    return password === undefined ? undefined : { username, password };
  }

  #transact(request: SipRequest, listener: InviteListener): Promise<SipResponse> {
    return new Promise((resolve) => {
      const user: ResponseUser = {
        onProvisional: (response) => listener.onProvisional?.(response, request),
        onFinal: (response) => {
          resolve(response);
          if (response.statusCode < 300) listener.onAccepted?.({ request, response });
        },
        onTimeout: () => {
          resolve(createResponseTo(request, 408));
        },
        onTransportError: () => {
          resolve(createResponseTo(request, 503));
        },
      };
      this.#layer.sendRequest(request, this.#flow(), user);
    });
  }
}

const userPart = /^[a-z]+:([^@;?]+)@/i;

/** User part of an address, which is the name for digest unless another is given. */
export function userOf(aor: string): string {
  return decodeURIComponent(userPart.exec(aor)?.[1] ?? '');
}

const hostPart = /^(sips?):(?:[^@]*@)?([^;?]+)/i;

/** The domain of an address as a Request-URI. @spec RFC 3261 §10.2 */
export function domainOf(aor: string): string {
  const [, scheme = 'sip', host = ''] = hostPart.exec(aor) ?? [];
  return `${scheme}:${host}`;
}
