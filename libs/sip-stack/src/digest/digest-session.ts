import { randomToken } from '@parley/prelude';
import type { Random } from '@parley/prelude';
import { field } from '@parley/sip';
import type { DigestChallenge, DigestCredentials, RawField, SipRequest } from '@parley/sip';
import type { Challenger } from './challenge.ts';
import { algorithmOf } from './digest-hash.ts';
import type { DigestAlgorithm, DigestHash } from './digest-hash.ts';
import { digestHa1, digestResponse } from './digest-response.ts';

/** Name and password for one realm. */
export interface Account {
  readonly username: string;
  readonly password: string;
}

/** A challenge that was answered, and can be answered again for the next request before anybody asks. */
export interface DigestSession {
  readonly challenger: Challenger;
  readonly challenge: DigestChallenge;
  readonly account: Account;
  /** Answers given so far with this nonce. */
  readonly count: number;
}

/** What answers are computed with. */
export interface DigestTools {
  readonly hash: DigestHash;
  readonly random: Random;
}

const noParameters: ReadonlyMap<string, string> = new Map<string, string>();

/** Credentials for a request, and the session that has given them; undefined when its algorithm is beyond us. */
export function answer(
  session: DigestSession,
  request: Pick<SipRequest, 'method' | 'requestUri'>,
  tools: DigestTools,
): readonly [RawField, DigestSession] | undefined {
  const { challenge, challenger, account } = session;
  const algorithm = algorithmOf(challenge.algorithm, tools.hash);
  if (algorithm === undefined) return undefined;
  const count = session.count + 1;
  const value = credentials(challenge, account, algorithm, {
    ...request,
    nc: count.toString(16).padStart(8, '0'),
    cnonce: randomToken(tools.random, 26),
  });
  const definition = challenger === 'uas' ? field.authorization : field.proxyAuthorization;
  return [[definition.name, definition.serialise(value)], { ...session, count }];
}

/** What is particular to one answer. */
export interface AnswerInput {
  readonly method: string;
  readonly requestUri: string;
  readonly nc: string;
  readonly cnonce: string;
}

/** The credentials that answer a challenge. @spec RFC 7616 §3.4 */
export function credentials(
  challenge: DigestChallenge,
  { username, password }: Account,
  algorithm: DigestAlgorithm,
  { method, requestUri: uri, nc, cnonce }: AnswerInput,
): DigestCredentials {
  const { realm, nonce, opaque } = challenge;
  const counted = challenge.qop === undefined ? {} : { qop: 'auth', nc };
  const client = challenge.qop === undefined && !algorithm.session ? counted : { ...counted, cnonce };
  const ha1 = digestHa1(username, realm, password, algorithm.hash);
  const response = digestResponse(ha1, algorithm, { method, uri, nonce, ...client });
  return {
    kind: 'digest',
    username,
    realm,
    nonce,
    uri,
    response,
    ...(challenge.algorithm === undefined ? {} : { algorithm: challenge.algorithm }),
    ...(opaque === undefined ? {} : { opaque }),
    ...client,
    parameters: noParameters,
  };
}

/** Whether we can answer the challenge: a known algorithm, and `auth` where protections are named. */
export function isAnswerable(challenge: DigestChallenge, hash: DigestHash): boolean {
  const auth = challenge.qop?.some((option) => option.toLowerCase() === 'auth') ?? true;
  return auth && algorithmOf(challenge.algorithm, hash) !== undefined;
}
