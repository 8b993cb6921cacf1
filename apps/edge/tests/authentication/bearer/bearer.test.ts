import { generateKeyPair } from 'jose';
import { readRaw, readRawAll } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Phone } from '../../support/phone.ts';
import { startTestEdge } from '../../support/test-edge.ts';
import type { TestEdge } from '../../support/test-edge.ts';
import { startTokenIssuer } from '../../support/token-issuer.ts';
import type { TokenIssuer } from '../../support/token-issuer.ts';

let issuer: TokenIssuer;
let edge: TestEdge;
let phone: Phone;

beforeAll(async () => {
  issuer = await startTokenIssuer();
  edge = await startTestEdge({ env: { PARLEY_OIDC_ISSUER: issuer.url } });
  phone = await Phone.tcp(edge.port, 'alice');
});

afterAll(async () => {
  await phone[Symbol.asyncDispose]();
  await edge[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

function register(token: string, from = phone, user = 'alice'): Promise<SipResponse> {
  const fields = [`Contact: ${from.contact};expires=600`, `Authorization: Bearer ${token}`];
  return from.ask('REGISTER', 'sip:localhost', { to: `sip:${user}@localhost`, fields });
}

describe('Bearer tokens (RFC 8898)', () => {
  it('MUST be asked for with the address of the issuer, beside digest (§2.2, §2.3)', async () => {
    const uas = await phone.ask('REGISTER', 'sip:localhost', { to: 'sip:alice@localhost' });
    const expected = `Bearer realm="localhost", authz_server="${issuer.url}"`;
    expect(readRawAll(uas, 'WWW-Authenticate').at(-1)).toBe(expected);
    expect(readRawAll(uas, 'WWW-Authenticate')[0]).toMatch(/^Digest /);
    const proxy = await phone.ask('MESSAGE', 'sip:bob@localhost');
    expect([proxy.statusCode, readRawAll(proxy, 'Proxy-Authenticate').at(-1)]).toEqual([407, expected]);
  });

  it('let in whom they name, at the registrar and at the proxy, with one fetch of the keys', async () => {
    const token = await issuer.sign({ preferred_username: 'alice' });
    expect((await register(token)).statusCode).toBe(200);
    expect((await register(token)).statusCode).toBe(200);
    const fields = [`Proxy-Authorization: Bearer ${token}`];
    expect((await phone.ask('MESSAGE', 'sip:bob@localhost', { fields })).statusCode).toBe(202);
    expect((await register(await issuer.sign({ preferred_username: 'sip:alice@localhost' }))).statusCode).toBe(200);
    expect(issuer.fetches()).toBe(1);
  });

  it('let nobody speak for another: From must be theirs', async () => {
    const token = await issuer.sign({ preferred_username: 'bob' });
    expect((await register(token)).statusCode).toBe(403);
  });

  it('of somebody without an account are refused, and of an address elsewhere', async () => {
    expect((await register(await issuer.sign({ preferred_username: 'nobody' }))).statusCode).toBe(403);
    expect((await register(await issuer.sign({ preferred_username: 'alice@example.com' }))).statusCode).toBe(401);
  });

  it.each([
    ['expired', { exp: 1_000 }],
    ['for another audience', { aud: 'example.com' }],
    ['of another issuer', { iss: 'https://example.com' }],
    ['without an end', { exp: undefined }],
  ])('that are %s MUST be answered 401 (§2.2)', async (_what, claims) => {
    await using other = await Phone.udp(edge.port, 'alice');
    const answer = await register(await issuer.sign({ preferred_username: 'alice', ...claims }), other);
    expect(answer.statusCode).toBe(401);
    expect(readRawAll(answer, 'WWW-Authenticate').at(-1)).toContain('error="invalid_token"');
  });

  it('that somebody else signed, or nobody, or under a secret, are answered 401, and soon no more looked at', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const secret = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"preferred_username":"alice"}').toString('base64url')}.`;
    const forged = [
      none,
      await issuer.sign({ preferred_username: 'alice' }, { key: secret, alg: 'HS256' }),
      await issuer.sign({ preferred_username: 'alice' }, { key: privateKey }),
    ];
    await using strict = await startTestEdge({
      env: { PARLEY_OIDC_ISSUER: issuer.url, PARLEY_LOCKOUT_TRIES: String(forged.length) },
    });
    await using thief = await Phone.tcp(strict.port, 'alice');
    for (const token of forged) expect((await register(token, thief)).statusCode).toBe(401);
    await eventually(async () => {
      const next = await issuer.sign({ preferred_username: 'alice', jti: 'next' }, { key: privateKey });
      expect((await register(next, thief)).statusCode).toBe(503);
    });
  });

  it('that cannot be used are no attempts, and attempts keep nobody out who proved himself on his connection', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    await using strict = await startTestEdge({ env: { PARLEY_OIDC_ISSUER: issuer.url, PARLEY_LOCKOUT_TRIES: '1' } });
    await using alice = await Phone.tcp(strict.port, 'alice');
    for (const claims of [{ exp: 1_000 }, { aud: 'example.com' }, { preferred_username: 7 }]) {
      expect((await register(await issuer.sign({ preferred_username: 'alice', ...claims }), alice)).statusCode).toBe(
        401,
      );
    }
    expect((await register(await issuer.sign({ preferred_username: 'alice', jti: '1' }), alice)).statusCode).toBe(200);
    await using thief = await Phone.tcp(strict.port, 'alice');
    const forged = await issuer.sign({ preferred_username: 'alice' }, { key: privateKey });
    expect((await register(forged, thief)).statusCode).toBe(401);
    expect((await register(await issuer.sign({ preferred_username: 'alice', jti: '2' }), thief)).statusCode).toBe(503);
    expect((await register(await issuer.sign({ preferred_username: 'alice', jti: '3' }), alice)).statusCode).toBe(200);
  });

  it('that lack the scope asked for are told so (§4)', async () => {
    await using scoped = await startTestEdge({
      env: { PARLEY_OIDC_ISSUER: issuer.url, PARLEY_OIDC_SCOPE: 'sip' },
    });
    await using alice = await Phone.tcp(scoped.port, 'alice');
    const lacking = await register(await issuer.sign({ preferred_username: 'alice', scope: 'email' }), alice);
    expect([lacking.statusCode, readRawAll(lacking, 'WWW-Authenticate').at(-1)]).toEqual([
      401,
      expect.stringContaining('scope="sip", error="invalid_scope"'),
    ]);
    const granted = await register(await issuer.sign({ preferred_username: 'alice', scope: 'email sip' }), alice);
    expect(granted.statusCode).toBe(200);
  });

  it('are answered 503 with Retry-After while the issuer gives no keys, and digest goes on', async () => {
    await using silent = await startTokenIssuer();
    silent.silence(true);
    await using waiting = await startTestEdge({ env: { PARLEY_OIDC_ISSUER: silent.url } });
    await using alice = await Phone.tcp(waiting.port, 'alice');
    const answer = await register(await silent.sign({ preferred_username: 'alice' }), alice);
    expect([answer.statusCode, readRaw(answer, 'Retry-After')]).toEqual([503, '5']);
    expect((await alice.register()).statusCode).toBe(200);
  });

  it('are not looked at unless an issuer is named', async () => {
    await using plain = await startTestEdge();
    await using alice = await Phone.tcp(plain.port, 'alice');
    const answer = await register(await issuer.sign({ preferred_username: 'alice' }), alice);
    expect(answer.statusCode).toBe(401);
    expect(readRawAll(answer, 'WWW-Authenticate').join()).not.toContain('Bearer');
  });
});
