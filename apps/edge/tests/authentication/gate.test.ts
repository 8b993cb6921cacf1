import { describe, expect, it } from 'vitest';
import { readRaw } from '@parley/sip';
import { answerTo } from '../support/digest.ts';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';

describe('The gate of an edge', () => {
  it('answers 503 with Retry-After to an account that is guessed at, and not to the phone that proved it (RFC 3261 §20.33)', async () => {
    await using edge = await startTestEdge({ env: { PARLEY_LOCKOUT_TRIES: '3' } });
    await using alice = await Phone.tcp(edge.port, 'alice');
    expect((await alice.register()).statusCode).toBe(200);
    await using thief = await Phone.tcp(edge.port, 'alice', 'guess');
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await thief.message('sip:bob@localhost')).statusCode);
    expect(statuses).toEqual([407, 407, 407, 503]);
    const refused = await thief.message('sip:bob@localhost');
    expect(Number(readRaw(refused, 'Retry-After'))).toBeGreaterThan(0);
    expect(readRaw(refused, 'Warning')).toContain('wrong passwords');
    await using rightful = await Phone.tcp(edge.port, 'alice');
    expect((await rightful.message('sip:bob@localhost')).statusCode).toBe(503);
    expect((await alice.message('sip:bob@localhost')).statusCode).toBe(202);
    await using bob = await Phone.tcp(edge.port, 'bob');
    expect((await bob.register()).statusCode).toBe(200);
  });

  it('treats names that nobody has as those that somebody has', async () => {
    await using edge = await startTestEdge({ env: { PARLEY_LOCKOUT_TRIES: '2' } });
    for (const name of ['alice', 'nobody']) {
      await using thief = await Phone.udp(edge.port, name, 'guess');
      const statuses: number[] = [];
      for (let i = 0; i < 3; i++) statuses.push((await thief.register()).statusCode);
      expect(statuses).toEqual([401, 401, 503]);
    }
  });

  it('MUST refuse From and P-Preferred-Identity of others, and takes one’s own and the anonymous one (RFC 3325 §6, RFC 3323 §4.1.1.3)', async () => {
    await using edge = await startTestEdge();
    await using alice = await Phone.tcp(edge.port, 'alice');
    const send = async (fields: readonly string[], from = '<sip:alice@localhost>;tag=1'): Promise<number> =>
      (await alice.request('MESSAGE', 'sip:bob@localhost', { fields, instead: { From: from } })).statusCode;
    expect(await send(['P-Preferred-Identity: <sip:alice@localhost>'])).toBe(202);
    expect(await send(['P-Preferred-Identity: "Bob" <sip:bob@localhost>'])).toBe(403);
    expect(await send(['P-Preferred-Identity: <sip:alice@localhost>, <tel:+1555>'])).toBe(403);
    expect(await send([], '<sip:bob@localhost>;tag=1')).toBe(403);
    expect(await send(['Privacy: id'], '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1')).toBe(202);
  });

  it('believes any address of an account where PARLEY_AUTH is none: a temporary GRUU too (RFC 5627 §6.1)', async () => {
    await using edge = await startTestEdge({ env: { PARLEY_AUTH: 'none' } });
    await using alice = await Phone.tcp(edge.port, 'alice');
    const instance = '+sip.instance="<urn:uuid:a>"';
    const registered = await alice.register(`${alice.contact};${instance};expires=600`, ['Supported: gruu']);
    const gruu = /temp-gruu="([^"]+)"/.exec(readRaw(registered, 'Contact') ?? '')?.[1] ?? '';
    const send = async (from: string, fields: readonly string[] = []): Promise<number> =>
      (await alice.request('MESSAGE', 'sip:bob@localhost', { fields, instead: { From: `${from};tag=1` } })).statusCode;
    expect(await send(`<${gruu}>`)).toBe(202);
    expect(await send('<sip:alice@localhost>')).toBe(202);
    expect(await send('<sip:nobody@elsewhere.example>')).toBe(403);
    const hidden = '"Anonymous" <sip:anonymous@anonymous.invalid>';
    expect(await send(hidden, ['P-Preferred-Identity: <sip:alice@localhost>'])).toBe(202);
    expect(await send(hidden)).toBe(403);
  });

  it('does not relay for strangers: no request without credentials of ours goes to another domain', async () => {
    await using edge = await startTestEdge();
    await using stranger = await Phone.udp(edge.port, 'stranger');
    for (const method of ['MESSAGE', 'INVITE', 'OPTIONS', 'SUBSCRIBE', 'REGISTER', 'PUBLISH', 'FOO']) {
      const answer = await stranger.ask(method, 'sip:victim@elsewhere.example');
      expect([403, 404, 407, 489, 501]).toContain(answer.statusCode);
      if (method === 'INVITE') stranger.send(stranger.write('ACK', 'sip:victim@elsewhere.example'));
    }
  });

  it('takes credentials for an alias of the Request-URI, and for no other user (RFC 2617 §3.2.2.5)', async () => {
    await using edge = await startTestEdge({ env: { PARLEY_DOMAIN_ALIASES: 'alias.test' } });
    await using alice = await Phone.tcp(edge.port, 'alice');
    const login = { username: 'alice', password: 'secret' };
    const withUri = async (said: string): Promise<number> => {
      const first = await alice.ask('MESSAGE', 'sip:bob@localhost');
      const line = answerTo(first, 'MESSAGE', said, login);
      return (await alice.ask('MESSAGE', 'sip:bob@localhost', { fields: [line] })).statusCode;
    };
    expect(await withUri('sip:bob@alias.test')).toBe(202);
    expect(await withUri(`sip:bob@127.0.0.1:${edge.port}`)).toBe(202);
    expect(await withUri(`sip:127.0.0.1:${edge.port}`)).toBe(202);
    expect(await withUri('sip:carol@localhost')).toBe(400);
    expect(await withUri('sip:bob@evil.example')).toBe(400);
  });
});
