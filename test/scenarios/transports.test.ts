import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { startPhone } from './support/phone.ts';
import type { Phone } from './support/phone.ts';

const protocols = ['UDP', 'TCP', 'TLS', 'WS'] as const;
const pairs = protocols.flatMap((from) => protocols.map((to) => [from, to] as const));

/** Everybody is called after the transport of their phone. */
const accountOf = (protocol: string): string => `by-${protocol.toLowerCase()}`;

describe('Page mode', () => {
  let parley: Installation;
  let phones: ReadonlyMap<string, Phone>;

  beforeAll(async () => {
    parley = await startParley({ PARLEY_USERS: protocols.map((name) => `${accountOf(name)}:secret`).join(',') });
    const started = protocols.map(async (protocol) => {
      return [protocol, await startPhone(parley.ports, accountOf(protocol), { protocol })] as const;
    });
    phones = new Map(await Promise.all(started));
  });
  afterAll(async () => {
    await Promise.all([...phones.values()].map((phone) => phone[Symbol.asyncDispose]()));
    await parley[Symbol.asyncDispose]();
  });

  it.each(pairs)('carries a message from %s to %s and its 200 back (RFC 3428 §4)', async (from, to) => {
    const response = await phones.get(from)?.send(`sip:${accountOf(to)}@localhost`, `from ${from}`);
    expect(response?.statusCode).toBe(200);
    expect(phones.get(to)?.texts).toContain(`from ${from}`);
  });

  it('reaches all devices of the recipient (RFC 3261 §16.7)', async () => {
    await using second = await startPhone(parley.ports, accountOf('TCP'), { protocol: 'UDP' });
    expect((await phones.get('WS')?.send(`sip:${accountOf('TCP')}@localhost`, 'to both'))?.statusCode).toBe(200);
    await expect.poll(() => [phones.get('TCP')?.texts.at(-1), second.texts]).toEqual(['to both', ['to both']]);
  });

  it('answers 404 for a user who does not exist (RFC 3261 §21.4.5)', async () => {
    expect((await phones.get('UDP')?.send('sip:nobody@localhost', 'anybody there?'))?.statusCode).toBe(404);
  });
});
