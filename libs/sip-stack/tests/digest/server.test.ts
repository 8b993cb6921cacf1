import { SimulatedClock } from '@parley/testing';
import { createRequest, createResponseTo, field, withField } from '@parley/sip';
import type { RawField, SipRequest, SipUri } from '@parley/sip';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accountSecrets,
  answerChallenge,
  authorise,
  challenge,
  challengeStatus,
  createNonceIssuer,
  credentialsFor,
  digestUriFits,
  splitUsername,
  verify,
} from '../../src/index.ts';
import type { DigestVerdict, NonceIssuer, NonceIssuerOptions } from '../../src/index.ts';
import { request } from '../requests.ts';
import { seededRandom } from '../seeded-random.ts';
import { nodeHash, nodeKey } from './node-hash.ts';

const realm = 'example.net';
const secrets = accountSecrets('alice', realm, realm, 'secret', nodeHash);

function lookup(username: string, family: string): string | undefined {
  const { name, domain } = splitUsername(username);
  if (name !== 'alice' || (domain !== undefined && domain !== realm)) return undefined;
  const spelling = domain === undefined ? secrets.name : secrets.address;
  return family === 'MD5' ? spelling.md5 : family === 'SHA-256' ? spelling.sha256 : undefined;
}

interface Setting {
  readonly clock: SimulatedClock;
  readonly issuer: NonceIssuer;
  readonly ask: (options?: Asked) => DigestVerdict;
}

interface Asked {
  readonly nonce?: string;
  readonly method?: string;
  readonly count?: number;
  readonly algorithm?: string;
  readonly username?: string;
  readonly password?: string;
  readonly qop?: boolean;
  readonly by?: NonceIssuer;
}

function setting(options: Partial<NonceIssuerOptions> = {}): Setting {
  const clock = new SimulatedClock();
  const random = seededRandom(3);
  const issuer = createNonceIssuer({ instance: 'edge-1', keys: () => [nodeKey('k1')], clock, random, ...options });
  const first = issuer.issue();
  const ask = (asked: Asked = {}): DigestVerdict => {
    const sent = proved(asked, asked.nonce ?? first);
    const credentials = credentialsFor(sent, 'proxy', realm);
    if (credentials === undefined || credentials === 'malformed') throw new Error('no credentials');
    return verify(sent, credentials, { hash: nodeHash, issuer: asked.by ?? issuer, ha1: lookup });
  };
  return { clock, issuer, ask };
}

/** A request with credentials, made by our own client. */
function proved(asked: Asked, nonce: string): SipRequest {
  const { method = 'MESSAGE', count = 1, algorithm = 'MD5', username = 'alice', password = 'secret' } = asked;
  const bare = request(method);
  const fields = challenge('proxy', { realm, nonce, algorithms: [algorithm] });
  const asking = createResponseTo(bare, 407, undefined, {
    fields:
      asked.qop === false
        ? fields.map(([name, value]): RawField => [name, value.replace(/, ?qop="auth"/, '')])
        : fields,
  });
  const tools = { hash: nodeHash, random: seededRandom(count) };
  const answered = answerChallenge(bare, asking, () => ({ username, password }), [], tools);
  if (!answered.ok) throw new Error(answered.error.message);
  const [session] = answered.value.sessions;
  if (session === undefined || count === 1) return answered.value.request;
  return authorise(bare, [{ ...session, count: count - 1 }], tools).request;
}

describe('verification of credentials', () => {
  it.each(['MD5', 'SHA-256', 'MD5-sess', 'SHA-256-sess'])('lets in who knows the secret, by %s', (algorithm) => {
    expect(setting().ask({ algorithm })).toEqual({ kind: 'authorised', username: 'alice' });
  });

  it('takes the username with its domain too', () => {
    expect(setting().ask({ username: 'alice@example.net' }).kind).toBe('authorised');
    expect(setting().ask({ username: 'alice@other.example' }).kind).toBe('wrong');
  });

  it('turns away a wrong secret and an unknown user alike', () => {
    const { ask } = setting();
    expect(ask({ password: 'guess' })).toEqual({ kind: 'wrong' });
    expect(ask({ username: 'eve' })).toEqual({ kind: 'wrong' });
    expect(ask().kind).toBe('authorised');
  });

  it('counts serve once, in any order; a used one is stale (RFC 7616 §5.5)', () => {
    const { ask } = setting();
    expect([3, 1, 2, 3, 1, 400, 399, 100].map((count) => ask({ count }).kind)).toEqual([
      'authorised',
      'authorised',
      'authorised',
      'stale',
      'stale',
      'authorised',
      'authorised',
      'stale',
    ]);
  });

  it('any sequence of counts: each within the window serves exactly once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 250 }), { maxLength: 60 }), (counts) => {
        const { issuer } = setting();
        const nonce = issuer.issue();
        const seen = new Set<number>();
        for (const count of counts) {
          expect(issuer.inspect(nonce, count)).toBe(seen.has(count) ? 'stale' : 'good');
          issuer.use(nonce, count);
          seen.add(count);
        }
      }),
    );
  });

  it('ACK and CANCEL carry the credentials of their INVITE: their counts are not checked (RFC 3261 §22.1)', () => {
    const { ask } = setting();
    expect(ask({ method: 'INVITE' }).kind).toBe('authorised');
    expect(ask({ method: 'ACK' }).kind).toBe('authorised');
    expect(ask({ method: 'CANCEL' }).kind).toBe('authorised');
  });

  it('without qop a nonce serves once', () => {
    const { ask } = setting();
    expect(ask({ qop: false }).kind).toBe('authorised');
    expect(ask({ qop: false }).kind).toBe('stale');
    expect(ask({ count: 2 }).kind).toBe('stale');
  });

  it('a nonce of another issuer under the same key is stale, so is one of an earlier life', () => {
    const { ask, issuer } = setting();
    expect(ask({ by: setting({ instance: 'edge-2' }).issuer }).kind).toBe('stale');
    expect(ask({ by: setting({ random: seededRandom(9) }).issuer }).kind).toBe('stale');
    expect(ask({ by: issuer }).kind).toBe('authorised');
  });

  it('a nonce that is too old, forged, or under a dropped key is stale', () => {
    const { ask, clock, issuer } = setting({ lifetime: 1000 });
    expect(ask({ nonce: `${issuer.issue().slice(0, -2)}xx` }).kind).toBe('stale');
    expect(ask({ nonce: 'whatever' }).kind).toBe('stale');
    clock.advance(1000);
    expect(ask().kind).toBe('stale');
    let keys = [nodeKey('k1')];
    const rotating = setting({ keys: () => keys });
    keys = [nodeKey('k2'), nodeKey('k1')];
    expect(rotating.ask().kind).toBe('authorised');
    keys = [nodeKey('k2')];
    expect(rotating.ask({ nonce: setting().issuer.issue() }).kind).toBe('stale');
  });

  it('remembers a bounded number of nonces: what it forgot cannot be replayed', () => {
    const { issuer } = setting({ maxNonces: 2 });
    const nonces = Array.from({ length: 5 }, () => issuer.issue());
    for (const nonce of nonces) {
      expect(issuer.inspect(nonce, 1)).toBe('good');
      issuer.use(nonce, 1);
    }
    expect(nonces.map((nonce) => issuer.inspect(nonce, 1))).toEqual(['stale', 'stale', 'stale', 'stale', 'stale']);
    expect(nonces.map((nonce) => issuer.inspect(nonce, 2))).toEqual(['stale', 'stale', 'stale', 'good', 'good']);
  });

  it('names what is malformed', () => {
    const { issuer } = setting();
    const sent = proved({}, issuer.issue());
    const credentials = credentialsFor(sent, 'proxy', realm);
    if (credentials === undefined || credentials === 'malformed') throw new Error('no credentials');
    const kindOf = (change: object): string =>
      verify(sent, { ...credentials, ...change }, { hash: nodeHash, issuer, ha1: lookup }).kind;
    expect(kindOf({ qop: 'auth-int' })).toBe('malformed');
    expect(kindOf({ nc: undefined })).toBe('malformed');
    expect(kindOf({ algorithm: 'SHA-1' })).toBe('malformed');
    expect(kindOf({ uri: 'sip:eve@evil.example' })).toBe('malformed');
    expect(kindOf({})).toBe('authorised');
  });

  it('finds the credentials for its realm among several (RFC 3261 §22.3)', () => {
    const sent = createRequest({
      method: 'MESSAGE',
      requestUri: 'sip:bob@example.net',
      fields: [
        ['Proxy-Authorization', 'Digest username="a", realm="other", nonce="n", uri="sip:b", response="00"'],
        ['Proxy-Authorization', `Digest username="b", realm="${realm}", nonce="n", uri="sip:b", response="00"`],
      ],
    });
    expect(credentialsFor(sent, 'proxy', realm)).toMatchObject({ username: 'b' });
    expect(credentialsFor(sent, 'uas', realm)).toBeUndefined();
    expect(credentialsFor(withField(sent, field.userAgent, 'x'), 'proxy', 'nowhere')).toBeUndefined();
  });
});

describe('challenge', () => {
  it('offers its algorithms in order, one header field each, with one nonce (RFC 8760 §2.3)', () => {
    expect(challenge('proxy', { realm, nonce: 'n1', algorithms: ['SHA-256', 'MD5'], stale: true })).toEqual([
      [
        'Proxy-Authenticate',
        expect.stringMatching(/^Digest realm="example.net".*nonce="n1".*stale=true.*algorithm=SHA-256/),
      ],
      ['Proxy-Authenticate', expect.stringMatching(/algorithm=MD5/)],
    ]);
    expect([challengeStatus('uas'), challengeStatus('proxy')]).toEqual([401, 407]);
  });
});

describe('digest-uri', () => {
  it('names no other host than the Request-URI where nobody knows aliases', () => {
    expect(digestUriFits('sip:bob@example.net', 'sip:bob@EXAMPLE.NET:5061')).toBe(true);
    expect(digestUriFits('sip:bob@example.net', 'sip:bob@example.org')).toBe(false);
  });

  it.each([
    ['sip:bob@example.net', 'sip:bob@example.net', true],
    ['sip:bob@example.net:5060;transport=tcp', 'sip:bob@example.net', true],
    ['sip:example.net', 'sip:alias.example.org:5060', true],
    ['sip:bob@example.net', 'sip:bob@alias.example.org;ob', true],
    ['sip:bob@example.net', 'sip:bob@evil.example', false],
    ['sip:b%6fb@example.net', 'sip:bob@EXAMPLE.net', true],
    ['sip:example.net', 'sip:bob@example.net', true],
    ['sip:bob@example.net', 'sip:example.net', true],
    ['sip:bob@example.net', 'sip:carol@example.net', false],
    ['sips:bob@example.net', 'sip:bob@example.net', true],
    ['sip:192.0.2.1:5060', 'sip:bob@example.net', true],
    ['sip:bob@192.0.2.1:5060', 'sip:carol@example.net', false],
    ['sip:evil.example', 'sip:bob@example.net', false],
    ['sip:eve@evil.example', 'sip:bob@example.net', false],
    ['tel:+4930123', 'tel:+49-30-123', true],
    ['/index.html', 'sip:bob@example.net', false],
  ])('%s for %s: %s (RFC 2617 §3.2.2.5)', (said, came, fits) => {
    const served = new Set(['example.net', 'alias.example.org']);
    const isServed = ({ host }: SipUri): boolean => served.has(host.toLowerCase());
    expect(digestUriFits(said, came, (one, other) => isServed(one) && isServed(other))).toBe(fits);
  });
});
