import { describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';

const bob = 'sip:bob@localhost';

/** Statuses of messages of so many octets to one who is away. */
async function statuses(env: Readonly<Record<string, string>>, sizes: readonly number[]): Promise<number[]> {
  await using edge = await startTestEdge({ env: { PARLEY_AUTH: 'none', ...env } });
  await using alice = await Phone.tcp(edge.port, 'alice');
  const found: number[] = [];
  for (const size of sizes) found.push((await alice.message(bob, 'x'.repeat(size))).statusCode);
  return found;
}

describe('A mailbox that is full', () => {
  it('of messages: the next is answered 480', async () => {
    expect(await statuses({ PARLEY_MAILBOX_MESSAGES: '2' }, [1, 1, 1])).toEqual([202, 202, 480]);
  });

  it('of octets: what does not fit is answered 480, what does is stored', async () => {
    expect(await statuses({ PARLEY_MAILBOX_OCTETS: '6000' }, [4_000, 4_000, 10])).toEqual([202, 480, 202]);
  });

  it('takes what fits again once it was emptied', async () => {
    await using edge = await startTestEdge({ env: { PARLEY_AUTH: 'none', PARLEY_MAILBOX_MESSAGES: '1' } });
    await using alice = await Phone.tcp(edge.port, 'alice');
    const send = async (): Promise<number> => (await alice.message(bob)).statusCode;
    expect([await send(), await send()]).toEqual([202, 480]);
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register(`${phone.contact};expires=600`);
    phone.answer(await phone.incoming(), 200);
    await phone.register(`${phone.contact};expires=0`);
    await expect.poll(send).toBe(202);
  });
});

describe('A message that NATS is too small for', () => {
  it('is answered 480 for one who is away: to ask for it again later would be in vain', async () => {
    expect(await statuses({ PARLEY_MAX_SIZE: '2000000' }, [1_100_000, 10])).toEqual([480, 202]);
  });
});

describe('PARLEY_OFFLINE_TTL=0: what has no Expires is delivered now or never', () => {
  const imdn = [
    'From: <sip:alice@localhost>',
    'To: <sip:bob@localhost>',
    '',
    'Content-Type: message/imdn+xml',
    'Content-Disposition: notification',
    '',
    '<imdn xmlns="urn:ietf:params:xml:ns:imdn"/>',
  ].join('\r\n');

  it('answers 480 and stores nothing, save what names its own time and notifications', async () => {
    await using edge = await startTestEdge({ env: { PARLEY_OFFLINE_TTL: '0' } });
    await using alice = await Phone.tcp(edge.port, 'alice');
    await using phone = await Phone.tcp(edge.port, 'bob');
    expect((await alice.message(bob, 'nobody was ever there')).statusCode).toBe(480);
    await phone.register(`${phone.contact};expires=600`);
    const live = alice.message(bob, 'live');
    phone.answer(await phone.incoming(), 200);
    expect((await live).statusCode).toBe(200);
    await phone.register(`${phone.contact};expires=0`);
    expect((await alice.message(bob, 'away')).statusCode).toBe(480);
    expect((await alice.message(bob, 'has time', ['Expires: 600'])).statusCode).toBe(202);
    const notification = { body: imdn, fields: ['Content-Type: message/cpim'] };
    expect((await alice.request('MESSAGE', bob, notification)).statusCode).toBe(202);
    await phone.register(`${phone.contact};expires=600`);
    for (const body of ['has time', imdn]) {
      const stored = await phone.incoming();
      phone.answer(stored, 200);
      expect(Buffer.from(stored.body).toString()).toBe(body);
    }
  });
});
