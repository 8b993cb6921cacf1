import type { SipRequest } from '@parley/sip';
import type { Challenger, Flow } from '@parley/sip-stack';
import { networkOf } from '@parley/sip-stack/node';
import { refusal } from '@parley/prelude';
import type { Account } from '../../accounts/account.ts';
import type { Admission } from '../gate.ts';
import type { GuessLock } from '../guess-lock.ts';
import type { BearerDesk } from './bearer-desk.ts';
import { bearerToken } from './bearer-token.ts';
import type { TokenVerdict } from './token-reader.ts';

/** What a token says of a request: whose it is, or the answer. */
export type BearerAdmission =
  { readonly kind: 'owner'; readonly account: Account } | Exclude<Admission, { readonly kind: 'admitted' }>;

/** What a bearer gate is built from. */
export interface BearerGateOptions {
  readonly desk: Pick<BearerDesk, 'look' | 'read'>;
  readonly guesses: Pick<GuessLock, 'wait' | 'failed' | 'knows'>;
  readonly findAccount: (name: string) => Account | undefined;
}

/** Who forges tokens at an address, to the lock against guessing: no account has this name. */
function forgerAt({ remote }: Flow): string {
  return `bearer token of ${networkOf(remote.address)}`;
}

/** Decides by a bearer token whose request this is. @spec RFC 8898 §2.2, §2.3 */
export class BearerGate {
  private readonly options: BearerGateOptions;

  constructor(options: BearerGateOptions) {
    this.options = options;
  }

  /** The account or the answer; undefined where the request has no token. */
  admit(request: SipRequest, challenger: Challenger, flow: Flow): BearerAdmission | undefined {
    const token = bearerToken(request, challenger);
    if (token === undefined) return undefined;
    const { desk, guesses } = this.options;
    const known = desk.look(token);
    if (known !== undefined) return this.judge(known);
    const wait = guesses.knows(flow) ? 0 : guesses.wait(forgerAt(flow), flow);
    if (wait > 0) return { kind: 'refused', refusal: tooMany(wait) };
    const reading = desk.read(token);
    if (reading === undefined) return { kind: 'refused', refusal: tooMany(1) };
    return {
      kind: 'later',
      known: reading.then(() => {
        if (desk.look(token)?.kind === 'forged') guesses.failed(forgerAt(flow), flow);
        return undefined;
      }),
    };
  }

  private judge(verdict: TokenVerdict): BearerAdmission {
    switch (verdict.kind) {
      case 'proved':
        return this.owner(verdict.account);
      case 'lacks-scope':
        return { kind: 'challenge', stale: false, error: 'invalid_scope' };
      case 'unknown':
        return { kind: 'refused', refusal: unavailable };
      case 'useless':
      case 'unknown-key':
      case 'forged':
        return { kind: 'challenge', stale: false, error: 'invalid_token' };
    }
  }

  private owner(name: string): BearerAdmission {
    const account = this.options.findAccount(name);
    return account === undefined ? { kind: 'refused', refusal: nobody } : { kind: 'owner', account };
  }
}

const nobody = refusal(403, 'Forbidden', 'expected a token of somebody who has an account');
const unavailable = refusal(503, 'Service Unavailable', 'the issuer of tokens does not answer', 5);

function tooMany(seconds: number): ReturnType<typeof refusal> {
  return refusal(503, 'Too Many Tokens', `try again in ${seconds} s: too many tokens came`, seconds);
}
