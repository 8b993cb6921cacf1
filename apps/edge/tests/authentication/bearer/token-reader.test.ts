import { SimulatedClock } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BearerDesk } from '../../../src/authentication/bearer/bearer-desk.ts';
import { TokenReader } from '../../../src/authentication/bearer/token-reader.ts';
import { startTokenIssuer } from '../../support/token-issuer.ts';
import type { TokenIssuer } from '../../support/token-issuer.ts';

let issuer: TokenIssuer;

beforeEach(async () => {
  issuer = await startTokenIssuer();
});

afterEach(async () => {
  await issuer[Symbol.asyncDispose]();
});

/** @param freshness - milliseconds for which keys are taken without asking again */
function readerOf(freshness?: number): TokenReader {
  const settings = { issuer: issuer.url, audience: undefined, jwks: undefined, claim: 'sub', scope: undefined };
  return new TokenReader({
    ...settings,
    domain: 'localhost',
    wallTime: () => Date.now(),
    ...(freshness === undefined ? {} : { freshness }),
  });
}

describe('Keys of an issuer', () => {
  it('serve on while it does not answer, up to the end of its tokens', async () => {
    const reader = readerOf(0);
    expect(await reader.read(await issuer.sign({ sub: 'alice' }))).toMatchObject({ kind: 'proved' });
    issuer.silence(true);
    expect(await reader.read(await issuer.sign({ sub: 'bob' }))).toMatchObject({ kind: 'proved', account: 'bob' });
    expect(await reader.read(await issuer.sign({ sub: 'bob', exp: 1_000 }))).toEqual({ kind: 'useless' });
  });

  it('that it has just changed are not taken for forged: their tokens are looked at again a moment later', async () => {
    const reader = readerOf();
    await reader.read(await issuer.sign({ sub: 'alice' }));
    await issuer.rotate();
    const token = await issuer.sign({ sub: 'alice' });
    expect(await reader.read(token)).toEqual({ kind: 'unknown-key' });
    const clock = new SimulatedClock();
    const desk = new BearerDesk({ clock, reader, onTrouble: () => undefined });
    await desk.read(token);
    expect(desk.look(token)).toEqual({ kind: 'unknown-key' });
    clock.advance(1_000);
    expect(desk.look(token)).toBeUndefined();
  });
});

describe('The time of a token (RFC 7519 §4.1.4, §4.1.5)', () => {
  it('MAY be off by the clock of its issuer', async () => {
    const now = Math.floor(Date.now() / 1000);
    const reader = readerOf();
    expect(await reader.read(await issuer.sign({ sub: 'alice', nbf: now + 5 }))).toMatchObject({ kind: 'proved' });
    expect(await reader.read(await issuer.sign({ sub: 'alice', nbf: now + 100 }))).toEqual({ kind: 'useless' });
  });
});
