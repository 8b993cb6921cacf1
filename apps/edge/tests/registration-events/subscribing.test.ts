import { unwrap } from '@parley/prelude';
import { eventually } from '@parley/testing';
import { readRaw } from '@parley/sip';
import type { SipRequest, SipResponse } from '@parley/sip';
import { attributeOf, childOf, childrenOf, parseXml } from '@parley/xml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';
import { memoryBroker, startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const event = 'Event: reg';

function subscribe(phone: Phone, user: string, ...more: string[]): Promise<SipResponse> {
  const fields = [event, `Contact: <sip:${phone.user}@${phone.local}>`, ...more];
  return phone.request('SUBSCRIBE', `sip:${user}@localhost`, { fields });
}

/** Goes on in the dialog that the answer made. */
function again(phone: Phone, answer: SipResponse, ...more: string[]): Promise<SipResponse> {
  const target = /<([^>]+)>/.exec(readRaw(answer, 'Contact') ?? '')?.[1] ?? '';
  const fields = [event, `Contact: <sip:${phone.user}@${phone.local}>`, ...more];
  return phone.ask('SUBSCRIBE', target, { fields, instead: { To: readRaw(answer, 'To') ?? '' } });
}

/** The next NOTIFY, answered 200: Subscription-State, and the document. */
async function notified(phone: Phone, status = 200) {
  // Changes may wait for five seconds (RFC 3680 §4.10).
  let notify: SipRequest;
  do notify = await phone.incoming();
  while (notify.method !== 'NOTIFY');
  phone.answer(notify, status);
  const root = unwrap(parseXml(notify.body));
  const registration = childOf(root, 'registration') ?? root;
  return {
    notify,
    subscription: readRaw(notify, 'Subscription-State') ?? '',
    document: [attributeOf(root, 'state'), attributeOf(root, 'version'), attributeOf(registration, 'state')],
    contacts: childrenOf(registration, 'contact').map((contact) => [
      attributeOf(contact, 'state'),
      attributeOf(contact, 'event'),
    ]),
  };
}

describe.each(['udp', 'tcp'] as const)('SUBSCRIBE for the registrations of a user over %s (RFC 3680)', (transport) => {
  let edge: TestEdge;
  beforeAll(async () => {
    edge = await startTestEdge();
  });
  afterAll(() => edge[Symbol.asyncDispose]());
  const phoneOf = (user: string) => Phone[transport](edge.port, user);

  it('is challenged, answered 200 with Expires and Contact, and a full NOTIFY follows at once, init without bindings', async () => {
    await using alice = await phoneOf('alice');
    expect((await alice.ask('SUBSCRIBE', 'sip:alice@localhost', { fields: [event] })).statusCode).toBe(401);
    const answer = await subscribe(alice, 'alice');
    expect([answer.statusCode, readRaw(answer, 'Expires')]).toEqual([200, '3761']);
    const first = await notified(alice);
    expect(first.document).toEqual(['full', '0', 'init']);
    expect(first.subscription).toMatch(/^active;expires=37(60|61)$/);
    expect([readRaw(first.notify, 'Event'), readRaw(first.notify, 'Content-Type')]).toEqual([
      'reg',
      'application/reginfo+xml',
    ]);
    expect((await again(alice, answer, 'Expires: 0')).statusCode).toBe(200);
    expect((await notified(alice)).subscription).toBe('terminated;reason=timeout');
  });

  it('tells each change in a partial document with the next version, until it is unsubscribed with a full one', async () => {
    await using watcher = await phoneOf('bob');
    await using device = await phoneOf('bob');
    const answer = await subscribe(watcher, 'bob', 'Expires: 600');
    await notified(watcher);
    await device.register();
    const made = await notified(watcher);
    expect([made.document, made.contacts]).toEqual([['partial', '1', 'active'], [['active', 'registered']]]);
    await device.register('*', ['Expires: 0']);
    const gone = await notified(watcher);
    expect([gone.document, gone.contacts]).toEqual([['partial', '2', 'terminated'], [['terminated', 'unregistered']]]);
    expect((await again(watcher, answer, 'Expires: 600')).statusCode).toBe(200);
    expect((await notified(watcher)).document).toEqual(['full', '3', 'init']);
    expect((await again(watcher, answer, 'Expires: 0')).statusCode).toBe(200);
    const last = await notified(watcher);
    expect([last.document[0], last.subscription]).toEqual(['full', 'terminated;reason=timeout']);
    expect((await again(watcher, answer)).statusCode).toBe(481);
  });

  it('is for the user alone: 403; 406, 423 and 481 as RFC 6665 has them; other packages are not answered here', async () => {
    await using carol = await phoneOf('carol');
    expect((await subscribe(carol, 'alice')).statusCode).toBe(403);
    expect((await subscribe(carol, 'carol', 'Accept: text/plain')).statusCode).toBe(406);
    const brief = await subscribe(carol, 'carol', 'Expires: 5');
    expect([brief.statusCode, readRaw(brief, 'Min-Expires')]).toEqual([423, '60']);
    const lost = await carol.ask('SUBSCRIBE', 'sip:carol@localhost', {
      fields: [event, `Contact: ${carol.contact}`],
      instead: { To: '<sip:carol@localhost>;tag=unknown' },
    });
    expect(lost.statusCode).toBe(481);
  });

  it('with Expires: 0 is a fetch: one full NOTIFY that ends it (RFC 6665 §4.4.3)', async () => {
    await using carol = await phoneOf('carol');
    await carol.register();
    expect((await subscribe(carol, 'carol', 'Expires: 0')).statusCode).toBe(200);
    const only = await notified(carol);
    expect([only.document, only.contacts, only.subscription]).toEqual([
      ['full', '0', 'active'],
      [['active', 'registered']],
      'terminated;reason=timeout',
    ]);
  });

  it('ends when its NOTIFY is answered 481 (RFC 6665 §4.2.2)', async () => {
    await using carol = await phoneOf('carol');
    const answer = await subscribe(carol, 'carol');
    await notified(carol, 481);
    await eventually(async () => {
      expect((await again(carol, answer)).statusCode).toBe(481);
    });
  });
});

describe('Registrations at two edges (RFC 3680)', () => {
  it('are told by the edge that has the subscription, which ends as deactivated when that edge drains', async () => {
    const broker = memoryBroker();
    await using one = await startTestEdge({ bus: broker.connect(), instance: 'e1' });
    await using two = await startTestEdge({ bus: broker.connect(), instance: 'e2' });
    await using watcher = await Phone.tcp(one.port, 'alice');
    await using device = await Phone.tcp(two.port, 'alice');
    await subscribe(watcher, 'alice');
    expect((await notified(watcher)).document).toEqual(['full', '0', 'init']);
    await device.register();
    expect((await notified(watcher)).contacts).toEqual([['active', 'registered']]);
    const drained = one.service.drain?.();
    expect((await notified(watcher)).subscription).toBe('terminated;reason=deactivated');
    await drained;
  });
});
