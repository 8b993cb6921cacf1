import type { Refusal } from '@parley/prelude';
import { assertNever, refusal } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { canonicalNumber, field, read } from '@parley/sip';
import type { Challenger, DigestHash, DigestVerdict, NonceIssuer } from '@parley/sip-stack';
import { credentialsFor, splitUsername, verify } from '@parley/sip-stack';
import type { Account } from '../accounts/account.ts';
import type { ServedNames } from '../addresses/destination.ts';
import { destinationOf } from '../addresses/destination.ts';

/** What the gate found. */
export type Admission =
  | { readonly kind: 'admitted'; readonly account: Account }
  /** Ask for credentials; `stale` when they were right but for their nonce. */
  | { readonly kind: 'challenge'; readonly stale: boolean }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What the gate is built from. */
export interface GateOptions {
  /** `none` believes From; for a trusted lab. */
  readonly auth: 'digest' | 'none';
  readonly realm: string;
  readonly names: ServedNames;
  readonly hash: DigestHash;
  readonly issuer: NonceIssuer;
  readonly findAccount: (name: string) => Account | undefined;
}

/** Decides whose request this is: the digest's account, and From must be one of its addresses. @spec RFC 3261 §22 */
export class Gate {
  private readonly options: GateOptions;

  constructor(options: GateOptions) {
    this.options = options;
  }

  admit(request: SipRequest, challenger: Challenger): Admission {
    if (this.options.auth === 'none') return this.believe(request);
    const credentials = credentialsFor(request, challenger, this.options.realm);
    if (credentials === undefined) return { kind: 'challenge', stale: false };
    if (credentials === 'malformed') return refuse(400, 'Malformed Credentials', 'expected digest credentials');
    const verdict = verify(request, credentials, {
      hash: this.options.hash,
      issuer: this.options.issuer,
      ha1: (username, family) => this.ha1Of(username, family),
    });
    return this.judge(request, verdict);
  }

  private judge(request: SipRequest, verdict: DigestVerdict): Admission {
    switch (verdict.kind) {
      case 'authorised':
        return this.matchFrom(request, this.options.findAccount(splitUsername(verdict.username).name));
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

  private matchFrom(request: SipRequest, account: Account | undefined): Admission {
    if (account === undefined) return { kind: 'challenge', stale: false };
    return this.isAddressOf(request, account)
      ? { kind: 'admitted', account }
      : refuse(403, 'From Is Not Yours', 'expected From to be an address of the authenticated account');
  }

  /** Without digest, From names the account. */
  private believe(request: SipRequest): Admission {
    const destination = this.fromOf(request);
    const account = destination?.kind === 'user' ? this.options.findAccount(destination.name) : undefined;
    return account === undefined
      ? refuse(403, 'Unknown Sender', 'expected From to be the address of an account')
      : { kind: 'admitted', account };
  }

  private isAddressOf(request: SipRequest, account: Account): boolean {
    const from = this.fromOf(request);
    if (from?.kind === 'user') return from.name === account.name;
    return (
      from?.kind === 'telephone' && account.tel !== '' && canonicalNumber(from.number) === canonicalNumber(account.tel)
    );
  }

  private fromOf(request: SipRequest): ReturnType<typeof destinationOf> | undefined {
    const from = read(request, field.from);
    return from.ok && from.value !== undefined ? destinationOf(from.value.uri, this.options.names) : undefined;
  }

  private ha1Of(username: string, family: 'MD5' | 'SHA-256' | 'SHA-512-256'): string | undefined {
    const { name, domain } = splitUsername(username);
    const secrets = this.options.findAccount(name)?.secrets[domain === undefined ? 'name' : 'address'];
    if (secrets === undefined || family === 'SHA-512-256') return undefined;
    return family === 'MD5' ? secrets.md5 : secrets.sha256;
  }
}

function refuse(status: number, phrase: string, message: string): Admission {
  return { kind: 'refused', refusal: refusal(status, phrase, message) };
}
