import { challenge, createNonceIssuer } from '@parley/sip-stack';
import type { ServerTransaction } from '@parley/sip-stack';
import { nodeDigestHash, vouchFor } from '@parley/sip-stack/node';
import type { Clock, Random } from '@parley/prelude';
import type { AccountBook } from '../../accounts/account-book.ts';
import type { ServedNames } from '../../addresses/destination.ts';
import { BearerDesk } from '../../authentication/bearer/bearer-desk.ts';
import { BearerGate } from '../../authentication/bearer/bearer-gate.ts';
import { bearerChallenge } from '../../authentication/bearer/bearer-token.ts';
import { TokenReader } from '../../authentication/bearer/token-reader.ts';
import { Gate } from '../../authentication/gate.ts';
import { GuessLock } from '../../authentication/guess-lock.ts';
import { NonceKeys } from '../../authentication/nonce-keys.ts';
import { offeredAlgorithms } from '../../authentication/offered-algorithms.ts';
import type { ListBook } from '../../lists/list-book.ts';
import type { BindingBook } from '../../location/binding-book.ts';
import type { EdgeEvents } from '../../events.ts';
import type { Gruus } from '../../registrar/gruus.ts';
import type { EdgeSettings } from '../../settings.ts';
import type { Telemetry } from '../../telemetry.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { Newcomers } from './newcomers.ts';
import type { Responder } from './responder.ts';

/** What a doorkeeper and all that it asks are built from. */
export interface DoorkeeperParts {
  readonly settings: Pick<EdgeSettings, 'auth' | 'newcomers' | 'limits' | 'oidc' | 'domain'>;
  readonly instance: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly accounts: AccountBook;
  readonly bindings: BindingBook;
  readonly lists: ListBook;
  readonly names: ServedNames;
  readonly gruus: Pick<Gruus, 'ownerOf'>;
  readonly realm: string;
  readonly responder: Responder;
  readonly events: EdgeEvents;
  readonly telemetry: Telemetry;
  /** Takes a request from its beginning once more. */
  readonly again: (transaction: ServerTransaction) => void;
}

/** Builds the doorkeeper of an edge. */
export function buildDoorkeeper(parts: DoorkeeperParts): Doorkeeper {
  const { settings, instance, clock, random, accounts, gruus, realm, responder, events, telemetry } = parts;
  const { oidc } = settings;
  const keys = new NonceKeys(clock, random);
  const issuer = createNonceIssuer({ instance, keys: () => keys.current(), clock, random });
  const guesses = new GuessLock({
    clock,
    tries: settings.limits.lockout,
    onLocked: (what, account, address, seconds) => {
      events.guessed(what, account, address, seconds);
    },
  });
  const findAccount: AccountBook['find'] = (name) => accounts.find(name);
  const ownerOf: Gruus['ownerOf'] = (uri) => gruus.ownerOf(uri);
  return new Doorkeeper({
    gate: new Gate({
      ...parts,
      auth: settings.auth,
      hash: nodeDigestHash,
      issuer,
      guesses,
      findAccount,
      newcomers: new Newcomers({ ...parts, most: settings.newcomers }),
      ownerOf,
      holderOf: (number) => accounts.findByNumber(number)?.name,
      bearer: buildBearer(parts, guesses),
    }),
    again: parts.again,
    responder,
    telemetry,
    challenges: (request, challenger, { stale, error }) => [
      ...challenge(challenger, { realm, nonce: issuer.issue(), algorithms: offeredAlgorithms(request), stale }),
      ...(oidc === undefined ? [] : [bearerChallenge(challenger, { realm, error, ...oidc })]),
    ],
    vouchFor,
  });
}

/** The gate for bearer tokens, where an issuer is named. */
function buildBearer(
  { settings: { oidc, domain }, clock, accounts, events }: DoorkeeperParts,
  guesses: GuessLock,
): BearerGate | undefined {
  if (oidc === undefined) return undefined;
  const reader = new TokenReader({ ...oidc, domain, wallTime: () => clock.wallTime() });
  const onTrouble = (cause: unknown): void => {
    events.issuerSilent(oidc.issuer, cause);
  };
  const desk = new BearerDesk({ clock, reader, onTrouble });
  return new BearerGate({ desk, guesses, findAccount: (name) => accounts.find(name) });
}
