import type { Refusal } from '@parley/prelude';
import { assertNever, refusal } from '@parley/prelude';
import type { DigestCredentials, SipRequest, SipUri } from '@parley/sip';
import type {
  Challenger,
  DigestAlgorithm,
  DigestHash,
  DigestVerdict,
  Flow,
  NonceIssuer,
  SpellingSecrets,
  VerifyOptions,
} from '@parley/sip-stack';
import { credentialsFor, splitUsername, verify } from '@parley/sip-stack';
import type { Account } from '../accounts/account.ts';
import type { ServedNames } from '../addresses/destination.ts';
import { destinationOf } from '../addresses/destination.ts';
import type { Newcomers } from '../actors/entry/newcomers.ts';
import type { BearerGate } from './bearer/bearer-gate.ts';
import type { BearerError } from './bearer/bearer-token.ts';
import type { GuessLock } from './guess-lock.ts';
import { accountSaid, speaksOf } from './identities.ts';
import type { Addresses } from './identities.ts';

/** What the gate found. */
export type Admission =
  | { readonly kind: 'admitted'; readonly account: Account }
  /** Ask for credentials; `stale` when they were right but for their nonce, `error` is what is wrong with a token. */
  | { readonly kind: 'challenge'; readonly stale: boolean; readonly error?: BearerError }
  /** Ask again once this is settled, or answer what it gives. */
  | { readonly kind: 'later'; readonly known: Promise<Refusal | undefined> }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What the gate is built from. */
export interface GateOptions {
  /** `none` believes From; for a trusted lab. */
  readonly auth: 'digest' | 'none';
  readonly realm: string;
  readonly names: ServedNames;
  readonly hash: DigestHash;
  readonly issuer: NonceIssuer;
  readonly guesses: Pick<GuessLock, 'wait' | 'failed' | 'proved' | 'knows'>;
  readonly findAccount: (name: string) => Account | undefined;
  /** Makes accounts for who has none, where From is believed. */
  readonly newcomers: Pick<Newcomers, 'admit'>;
  readonly ownerOf: Addresses['ownerOf'];
  readonly holderOf: Addresses['holderOf'];
  /** Takes bearer tokens; without it they are not looked at. */
  readonly bearer?: BearerGate | undefined;
}

/** Decides whose request this is: the digest's account, and it must speak of its own addresses. @spec RFC 3261 §22 */
export class Gate {
  private readonly options: GateOptions;
  private readonly verifying: Omit<VerifyOptions, 'ha1'>;

  constructor(options: GateOptions) {
    this.options = options;
    const isServed = (uri: SipUri): boolean => destinationOf(uri, options.names).kind !== 'foreign';
    this.verifying = {
      hash: options.hash,
      issuer: options.issuer,
      isSameServer: (one, other) =>
        one.host.toLowerCase() === other.host.toLowerCase() || (isServed(one) && isServed(other)),
    };
  }

  /** Whether somebody has proved his account over this flow. */
  knows(flow: Flow): boolean {
    return this.options.guesses.knows(flow);
  }

  /** @param flow - where the request came from */
  admit(request: SipRequest, challenger: Challenger, flow: Flow): Admission {
    if (this.options.auth === 'none') return this.believe(request);
    const credentials = credentialsFor(request, challenger, this.options.realm);
    if (credentials === undefined) return this.byToken(request, challenger, flow);
    if (credentials === 'malformed') return refuse(400, 'Malformed Credentials', 'expected digest credentials');
    return this.check(request, credentials, flow);
  }

  private byToken(request: SipRequest, challenger: Challenger, flow: Flow): Admission {
    const found = this.options.bearer?.admit(request, challenger, flow);
    if (found === undefined) return { kind: 'challenge', stale: false };
    if (found.kind !== 'owner') return found;
    this.options.guesses.proved(found.account.name, flow);
    return this.matchSender(request, found.account);
  }

  /** The account is nobody's to try passwords on without end. */
  private check(request: SipRequest, credentials: DigestCredentials, flow: Flow): Admission {
    const { guesses } = this.options;
    const { name, domain } = splitUsername(credentials.username);
    const wait = guesses.wait(name, flow);
    if (wait > 0) return { kind: 'refused', refusal: locked(wait) };
    const account = this.options.findAccount(name);
    const secrets = account?.secrets?.[domain === undefined ? 'name' : 'address'];
    const verdict = verify(request, credentials, { ...this.verifying, ha1: (_, family) => ha1In(secrets, family) });
    if (verdict.kind === 'authorised') guesses.proved(name, flow);
    else if (verdict.kind === 'wrong') guesses.failed(name, flow);
    return this.judge(request, verdict, account);
  }

  private judge(request: SipRequest, verdict: DigestVerdict, account: Account | undefined): Admission {
    switch (verdict.kind) {
      case 'authorised':
        return account === undefined ? { kind: 'challenge', stale: false } : this.matchSender(request, account);
      case 'stale':
        return { kind: 'challenge', stale: true };
      case 'wrong':
        return { kind: 'challenge', stale: false };
      case 'malformed':
        return refuse(400, 'Malformed Credentials', verdict.message);
      default:
        return assertNever(verdict);
    }
  }

  private matchSender(request: SipRequest, account: Account): Admission {
    return speaksOf(request, account, this.options)
      ? { kind: 'admitted', account }
      : refuse(
          403,
          'From Is Not Yours',
          'expected From and P-Preferred-Identity to be addresses of the authenticated account',
        );
  }

  /** Without digest, From names the account: by any of its addresses, a temporary GRUU too. Who has none gets one. */
  private believe(request: SipRequest): Admission {
    const name = accountSaid(request, this.options);
    if (name === undefined) return refuse(403, 'Unknown Sender', 'expected From to be an address of this domain');
    const account = this.options.findAccount(name);
    if (account !== undefined) return { kind: 'admitted', account };
    const made = this.options.newcomers.admit(name);
    return made instanceof Promise ? { kind: 'later', known: made } : { kind: 'refused', refusal: made };
  }
}

function ha1In(secrets: SpellingSecrets | undefined, family: DigestAlgorithm['family']): string | undefined {
  if (family === 'SHA-512-256') return undefined;
  return family === 'MD5' ? secrets?.md5 : secrets?.sha256;
}

/** @deviation 503 rather than 403, which user agents take as final: the owner of the account is to come back (RFC 3261 §20.33) */
function locked(seconds: number): Refusal {
  return refusal(503, 'Too Many Wrong Passwords', `try again in ${seconds} s: too many wrong passwords came`, seconds);
}

function refuse(status: number, phrase: string, message: string): Admission {
  return { kind: 'refused', refusal: refusal(status, phrase, message) };
}
