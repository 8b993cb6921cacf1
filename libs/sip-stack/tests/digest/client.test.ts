import { unwrap } from '@parley/prelude';
import { createResponseTo, field, readAll, readRaw, readRawAll } from '@parley/sip';
import type { DigestCredentials, RawField, SipRequest, SipResponse } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { answerChallenge, authorise, withNextNonce } from '../../src/index.ts';
import type { Account, DigestSession } from '../../src/index.ts';
import { request } from '../requests.ts';
import { seededRandom } from '../seeded-random.ts';
import { nodeHash } from './node-hash.ts';

const alice: Account = { username: 'alice', password: 'secret' };
const tools = { hash: nodeHash, random: seededRandom(1) };

function asks(to: SipRequest, status: number, ...fields: readonly RawField[]): SipResponse {
  return createResponseTo(to, status, undefined, { fields });
}

function sent(message: SipRequest, header = field.proxyAuthorization): readonly DigestCredentials[] {
  return unwrap(readAll(message, header)).filter((value) => value.kind === 'digest');
}

const md5: RawField = ['Proxy-Authenticate', 'Digest realm="a", nonce="n1", algorithm=MD5, qop="auth"'];
const sha: RawField = ['Proxy-Authenticate', 'Digest realm="a", nonce="n1", algorithm=SHA-256, qop="auth,auth-int"'];

function answered(response: SipResponse, from: SipRequest, sessions: readonly DigestSession[] = []) {
  return answerChallenge(from, response, () => alice, sessions, tools);
}

describe('answer to a challenge', () => {
  const first = request('MESSAGE');

  it('takes the first algorithm that it knows, as the server ranks them (RFC 8760 §2.4)', () => {
    const unknown: RawField = ['Proxy-Authenticate', 'Digest realm="a", nonce="n0", algorithm=SHA-3, qop="auth"'];
    const onlyInt: RawField = ['Proxy-Authenticate', 'Digest realm="a", nonce="n0", algorithm=MD5, qop="auth-int"'];
    const { request: again } = unwrap(answered(asks(first, 407, unknown, onlyInt, sha, md5), first));
    expect(sent(again)).toMatchObject([
      { algorithm: 'SHA-256', nonce: 'n1', nc: '00000001', uri: 'sip:bob@example.net' },
    ]);
  });

  it('has the next CSeq number and the same Call-ID (RFC 3261 §22.2)', () => {
    const { request: again } = unwrap(answered(asks(first, 407, md5), first));
    expect(readRaw(again, 'CSeq')).toBe('2 MESSAGE');
    expect(readRaw(again, 'Call-ID')).toBe(readRaw(first, 'Call-ID'));
  });

  it('answers every realm, and 401 and 407 in one response (RFC 3261 §22.3)', () => {
    const b: RawField = ['Proxy-Authenticate', 'Digest realm="b", nonce="n2", qop="auth"'];
    const own: RawField = ['WWW-Authenticate', 'Digest realm="a", nonce="n3", qop="auth"'];
    const { request: again } = unwrap(answered(asks(first, 407, md5, b, own), first));
    expect(sent(again).map(({ realm, nonce }) => [realm, nonce])).toEqual([
      ['a', 'n1'],
      ['b', 'n2'],
    ]);
    expect(sent(again, field.authorization).map(({ nonce }) => nonce)).toEqual(['n3']);
  });

  it('keeps the credentials of a proxy when the next hop asks in turn', () => {
    const once = unwrap(answered(asks(first, 407, md5), first));
    const own: RawField = ['WWW-Authenticate', 'Digest realm="uas", nonce="n3", qop="auth"'];
    const twice = unwrap(answered(asks(once.request, 401, own), once.request, once.sessions));
    expect(sent(twice.request)).toMatchObject([{ realm: 'a', nc: '00000002' }]);
    expect(sent(twice.request, field.authorization)).toMatchObject([{ realm: 'uas', nc: '00000001' }]);
    expect(readRaw(twice.request, 'CSeq')).toBe('3 MESSAGE');
  });

  it('gives up when the same account is asked again without stale, and goes on with stale (RFC 7616 §3.3)', () => {
    const once = unwrap(answered(asks(first, 407, md5), first));
    expect(answered(asks(once.request, 407, md5), once.request)).toMatchObject({ ok: false, error: { status: 407 } });
    const stale: RawField = ['Proxy-Authenticate', 'Digest realm="a", nonce="n9", stale=true, qop="auth"'];
    const { request: again } = unwrap(answered(asks(once.request, 407, stale), once.request, once.sessions));
    expect(sent(again)).toMatchObject([{ nonce: 'n9', nc: '00000001' }]);
  });

  it('refuses without an account, without a known algorithm, and without a challenge', () => {
    const basic: RawField = ['Proxy-Authenticate', 'Basic realm="a"'];
    const exotic: RawField = ['Proxy-Authenticate', 'Digest realm="a", nonce="n", algorithm=X'];
    expect(answerChallenge(first, asks(first, 407, md5), () => undefined, [], tools).ok).toBe(false);
    expect(answered(asks(first, 407, exotic), first).ok).toBe(false);
    expect(answered(asks(first, 407, basic), first).ok).toBe(false);
  });

  it('answers a server without qop as RFC 2069 had it, and returns its opaque', () => {
    const old: RawField = ['WWW-Authenticate', 'Digest realm="a", nonce="n", opaque=""'];
    const { request: again } = unwrap(answered(asks(first, 401, old), first));
    const [value] = sent(again, field.authorization);
    expect([value?.qop, value?.nc, value?.cnonce, value?.algorithm, value?.opaque]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      '',
    ]);
  });
});

describe('later requests', () => {
  it('carry credentials before anybody asks, with the next nonce count and a cnonce of their own', () => {
    const first = request('REGISTER');
    const { sessions } = unwrap(answered(asks(first, 407, md5), first));
    const second = authorise(request('REGISTER'), sessions, tools);
    const third = authorise(request('REGISTER'), second.sessions, tools);
    expect(sent(second.request)[0]?.nc).toBe('00000002');
    expect(sent(third.request)[0]?.nc).toBe('00000003');
    expect(sent(third.request)[0]?.cnonce).not.toBe(sent(second.request)[0]?.cnonce);
  });

  it('replace what the request carried', () => {
    const first = request('MESSAGE');
    const once = unwrap(answered(asks(first, 407, md5), first));
    expect(readRawAll(authorise(once.request, once.sessions, tools).request, 'Proxy-Authorization')).toHaveLength(1);
  });

  it('take up the nextnonce of the server, counting anew (RFC 7616 §3.5)', () => {
    const first = request('MESSAGE');
    const own: RawField = ['WWW-Authenticate', 'Digest realm="a", nonce="n1", qop="auth"'];
    const { sessions } = unwrap(answered(asks(first, 401, own), first));
    const accepted = asks(first, 200, ['Authentication-Info', 'nextnonce="n7"']);
    const { request: next } = authorise(request('MESSAGE'), withNextNonce(sessions, accepted), tools);
    expect(sent(next, field.authorization)).toMatchObject([{ nonce: 'n7', nc: '00000001' }]);
  });
});
