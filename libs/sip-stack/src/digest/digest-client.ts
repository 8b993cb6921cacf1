import { err, ok, refusal } from '@parley/prelude';
import type { Refusal, Result } from '@parley/prelude';
import { field, read, readRawAll, withAppended, withField, without } from '@parley/sip';
import type { DigestChallenge, SipRequest, SipResponse } from '@parley/sip';
import type { Challenger } from './challenge.ts';
import { answer, isAnswerable } from './digest-session.ts';
import type { Account, DigestSession, DigestTools } from './digest-session.ts';
import { rawField } from './raw-field.ts';

/** Finds the account for a realm; undefined where the user has none. */
export type AccountLookup = (realm: string, challenger: Challenger) => Account | undefined;

/** A request with its credentials, and what was learnt for the next one. */
export interface Authorised {
  readonly request: SipRequest;
  readonly sessions: readonly DigestSession[];
}

/**
 * Puts credentials for all known sessions on a request, before anybody asks; those that it carried are replaced.
 *
 * @spec RFC 3261 §22.2, §22.3
 */
export function authorise(request: SipRequest, sessions: readonly DigestSession[], tools: DigestTools): Authorised {
  let authorised = without(without(request, field.authorization), field.proxyAuthorization);
  const used = sessions.map((session) => {
    const answered = answer(session, request, tools);
    if (answered === undefined) return session;
    const [[name, value], next] = answered;
    authorised = withAppended(authorised, rawField(name), value);
    return next;
  });
  return { request: authorised, sessions: used };
}

/**
 * The request once more, with credentials for every realm of a 401 or 407 and the next CSeq number. Of each realm the
 * first challenge with an algorithm that we know is answered.
 *
 * @param request - as the transaction user sent it, without our Via
 * @param sessions - what was learnt before; a session of the same realm is replaced
 * @returns a refusal with the status of the response when a realm has no account, no known algorithm, or has turned down
 * this account's answer to a nonce that it does not call stale
 * @spec RFC 3261 §22.1 to §22.3, RFC 8760 §2.4, RFC 7616 §3.3
 */
export function answerChallenge(
  request: SipRequest,
  response: SipResponse,
  accounts: AccountLookup,
  sessions: readonly DigestSession[],
  tools: DigestTools,
): Result<Authorised, Refusal> {
  const asked = challengesOf(response);
  const chosen = new Map<string, DigestSession>();
  for (const [key, challenges] of asked) {
    const session = choose(request, challenges, accounts, tools);
    if (typeof session === 'string') return err(refusal(response.statusCode, response.reasonPhrase, session));
    chosen.set(key, session);
  }
  if (chosen.size === 0) return err(refusal(response.statusCode, response.reasonPhrase, 'no digest challenge'));
  const kept = sessions.filter((session) => !chosen.has(keyOf(session.challenger, session.challenge)));
  const next = nextSequence(request);
  return next === undefined
    ? err(refusal(400, 'Bad Request', 'the request has no CSeq'))
    : ok(authorise(next, [...kept, ...chosen.values()], tools));
}

/** The session as `nextnonce` of an Authentication-Info has it; others as they are. @spec RFC 7616 §3.5 */
export function withNextNonce(sessions: readonly DigestSession[], response: SipResponse): readonly DigestSession[] {
  const info = read(response, field.authenticationInfo);
  const nonce = info.ok ? info.value?.nextnonce : undefined;
  if (nonce === undefined) return sessions;
  return sessions.map((session) =>
    session.challenger === 'uas' ? { ...session, challenge: { ...session.challenge, nonce }, count: 0 } : session,
  );
}

interface Asked {
  readonly challenger: Challenger;
  readonly challenge: DigestChallenge;
}

function keyOf(challenger: Challenger, { realm }: DigestChallenge): string {
  return `${challenger} ${realm}`;
}

/** Challenges by realm, in their order; one that cannot be read, or is of another scheme, is passed over. */
function challengesOf(response: SipResponse): ReadonlyMap<string, readonly Asked[]> {
  const asked = new Map<string, Asked[]>();
  const collect = (challenger: Challenger, definition: typeof field.wwwAuthenticate): void => {
    for (const text of readRawAll(response, definition.name)) {
      const parsed = definition.parse(text);
      if (!parsed.ok || parsed.value.kind !== 'digest') continue;
      const key = keyOf(challenger, parsed.value);
      asked.set(key, [...(asked.get(key) ?? []), { challenger, challenge: parsed.value }]);
    }
  };
  collect('uas', field.wwwAuthenticate);
  collect('proxy', field.proxyAuthenticate);
  return asked;
}

/** A new session for one realm, or why there is none. */
function choose(
  request: SipRequest,
  challenges: readonly Asked[],
  accounts: AccountLookup,
  { hash }: DigestTools,
): DigestSession | string {
  const known = challenges.find(({ challenge }) => isAnswerable(challenge, hash));
  if (known === undefined) return 'no challenge with a known algorithm';
  const { challenger, challenge } = known;
  const account = accounts(challenge.realm, challenger);
  if (account === undefined) return `no account for the realm ${challenge.realm}`;
  if (wasTurnedDown(request, known, account)) return `wrong credentials for the realm ${challenge.realm}`;
  return { challenger, challenge, account, count: 0 };
}

/** Whether the request carried this account's credentials already and the server does not call their nonce stale. */
function wasTurnedDown(request: SipRequest, { challenger, challenge }: Asked, account: Account): boolean {
  if (challenge.stale === true) return false;
  const definition = challenger === 'uas' ? field.authorization : field.proxyAuthorization;
  return readRawAll(request, definition.name).some((text) => {
    const sent = definition.parse(text);
    if (!sent.ok || sent.value.kind !== 'digest') return false;
    return sent.value.realm === challenge.realm && sent.value.username === account.username;
  });
}

function nextSequence(request: SipRequest): SipRequest | undefined {
  const cSeq = read(request, field.cSeq);
  if (!cSeq.ok || cSeq.value === undefined) return undefined;
  return withField(request, field.cSeq, { ...cSeq.value, sequence: cSeq.value.sequence + 1 });
}
