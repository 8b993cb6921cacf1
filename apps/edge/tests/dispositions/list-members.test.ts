import type { MemoryBroker } from '@parley/bus';
import type { lists } from '@parley/contracts';
import { groupSubject, rpc } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import { parseUri, readRaw, serialise } from '@parley/sip';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReceiptDesk } from '../../src/actors/receipts/receipt-desk.ts';
import { ListBook } from '../../src/lists/list-book.ts';
import { ReceiptBook } from '../../src/location/receipt-book.ts';
import { cpimBody, imdnsIn } from '../support/cpim.ts';
import { listFields, listPart, multipart } from '../support/list-body.ts';
import { Phone } from '../support/phone.ts';
import { memoryBroker, startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const cpim = ['Content-Type: message/cpim'];
const payload = (id: string, status: string, more = ''): string =>
  `<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>${id}</message-id><datetime>2026-11-21T10:00:00Z</datetime>` +
  `<delivery-notification><status><${status}/></status>${more}</delivery-notification></imdn>`;

describe('who may notify of a message to a list', () => {
  let edge: TestEdge;
  let alice: Phone;
  let bob: Phone;
  let carol: Phone;
  beforeAll(async () => {
    edge = await startTestEdge();
    alice = await Phone.tcp(edge.port, 'alice');
    bob = await Phone.tcp(edge.port, 'bob');
    carol = await Phone.tcp(edge.port, 'carol');
    for (const phone of [alice, bob, carol]) await phone.register();
    const list = { name: 'secret', displayName: '', owner: '', senders: 'anyone', members: ['bob', 'carol'] };
    const command: lists.ListsCommand = {
      commandId: 'c',
      command: { kind: 'create', value: { ...list, hideMembers: true } },
    };
    const deadline = systemClock.now() + 30_000;
    await edge.bus.request(groupSubject('edge', 'lists'), rpc.lists, command, { deadline });
  });
  afterAll(async () => {
    for (const each of [alice, bob, carol, edge]) await each[Symbol.asyncDispose]();
  });

  const notify = async (phone: Phone, id: string, shape: { status?: string; more?: string; type?: string } = {}) => {
    const { status = 'delivered', more = '', type = 'message/imdn+xml' } = shape;
    const from = `sip:${phone.user}@localhost`;
    const body = cpimBody(payload(id, status, more), { from, type, id: `${id}-of-${phone.user}` });
    const fields = [...cpim, `Contact: <${from}>`, `User-Agent: ${phone.user}`, `Organization: ${phone.user}`];
    return (await phone.request('MESSAGE', 'sip:alice@localhost', { body, fields })).statusCode;
  };
  const take = async (phone: Phone): Promise<SipRequest> => {
    const request = await phone.incoming();
    phone.answer(request, 200);
    return request;
  };

  it('is a recipient of it: anybody else is answered 403 (REQ-DISNOT-8)', async () => {
    const message = [cpim, cpimBody('Hello', { id: 'm1', requests: 'positive-delivery' })] as const;
    const body = multipart([message, listPart([['sip:bob@localhost']])]);
    expect((await alice.request('MESSAGE', 'sip:list@localhost', { body, fields: listFields })).statusCode).toBe(202);
    await take(bob);
    expect(await notify(carol, 'm1')).toBe(403);
    const told = notify(bob, 'm1');
    expect(readRaw(await take(alice), 'From')).toContain('sip:bob@localhost');
    expect(await told).toBe(200);
    expect(alice.unread).toBe(0);
  });

  it('is told for by the list when he refuses at once: its sender was answered 202 (RFC 5438 §8.2)', async () => {
    const message = [cpim, cpimBody('Hello', { id: 'm0', requests: 'negative-delivery' })] as const;
    const body = multipart([message, listPart([['sip:bob@localhost']])]);
    expect((await alice.request('MESSAGE', 'sip:list@localhost', { body, fields: listFields })).statusCode).toBe(202);
    bob.answer(await bob.incoming(), 488);
    const told = Buffer.from((await take(alice)).body).toString();
    expect(told).toContain('<message-id>m0</message-id>');
    expect(told).toContain('<failed/>');
    expect(told).toContain('488');
  });

  it('is told for by the list when he has no account here, or his address takes no messages (RFC 5438 §8.2)', async () => {
    const message = [cpim, cpimBody('Hello', { id: 'm9', requests: 'negative-delivery' })] as const;
    const entries = [['sip:nobody@localhost'], ['tel:+1-555-0199'], ['sip:room@chat.localhost']] as const;
    const body = multipart([message, listPart(entries)]);
    expect((await alice.request('MESSAGE', 'sip:list@localhost', { body, fields: listFields })).statusCode).toBe(202);
    const told = [await take(alice), await take(alice), await take(alice)].flatMap(imdnsIn);
    const facts = told.map(({ recipientUri, disposition, note }) => [recipientUri, disposition?.status, note?.text]);
    expect(facts.toSorted()).toEqual([
      ['sip:nobody@localhost', 'failed', 'The message could not be delivered: 404 Not Found'],
      [
        'sip:room@chat.localhost',
        'failed',
        'The message could not be delivered: 403 rooms and servers take no messages of lists',
      ],
      ['tel:+1-555-0199', 'failed', 'The message could not be delivered: 404 Not Found'],
    ]);
  });

  it('leaves no trace where the list hides its members, and each type is told once for all (RFC 5438 §14.2)', async () => {
    const body = cpimBody('Hello', { id: 'm2', requests: 'positive-delivery, negative-delivery' });
    expect((await alice.request('MESSAGE', 'sip:secret@localhost', { body, fields: cpim })).statusCode).toBe(202);
    await take(bob);
    await take(carol);
    const uri = '<recipient-uri>sip:bob@localhost</recipient-uri>';
    expect(await notify(bob, 'm2', { more: `<note>bob is at ${bob.callId}</note>${uri}` })).toBe(202);
    const told = await take(alice);
    expect(readRaw(told, 'From')).toMatch(/^<sip:secret@localhost>;tag=/);
    expect(Buffer.from(serialise(told)).toString()).not.toMatch(/bob|carol|recipient-uri>sip:(?!secret)/);
    expect(readRaw(told, 'Contact')).toBeUndefined();

    expect(await notify(carol, 'm2')).toBe(202);
    // Nothing of carol can be taken out of what is signed: it goes no further.
    const signed = 'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=s';
    const parts = `--s\r\nContent-Type: message/imdn+xml\r\n\r\n${payload('m2', 'failed')}\r\n--s\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--s--`;
    const from = 'sip:carol@localhost';
    const sent = await carol.request('MESSAGE', 'sip:alice@localhost', {
      body: cpimBody(parts, { from, type: signed, id: 'signed' }),
      fields: cpim,
    });
    expect(sent.statusCode).toBe(202);
    const displayed = payload('m2', 'displayed').replaceAll('delivery-', 'display-');
    const shown = cpimBody(displayed, { from, type: 'message/imdn+xml', id: 'shown' });
    expect((await carol.request('MESSAGE', 'sip:alice@localhost', { body: shown, fields: cpim })).statusCode).toBe(202);
    expect(Buffer.from((await take(alice)).body).toString()).toContain('<displayed/>');
    expect(alice.unread).toBe(0);
  });

  it('leaves no trace either where that list is on the list of the sender (RFC 5438 §14.2)', async () => {
    const message = [cpim, cpimBody('Hello', { id: 'm11', requests: 'positive-delivery' })] as const;
    const body = multipart([message, listPart([['sip:secret@localhost']])]);
    expect((await alice.request('MESSAGE', 'sip:list@localhost', { body, fields: listFields })).statusCode).toBe(202);
    await take(bob);
    await take(carol);
    expect(await notify(carol, 'm11')).toBe(202);
    const told = await take(alice);
    expect(readRaw(told, 'From')).toMatch(/^<sip:list@localhost>;tag=/);
    expect(Buffer.from(serialise(told)).toString()).not.toMatch(/bob|carol/);
  });

  it('leaves no trace of who refused, and how (RFC 5438 §14.2)', async () => {
    const body = cpimBody('Hello', { id: 'm10', requests: 'negative-delivery' });
    expect((await alice.request('MESSAGE', 'sip:secret@localhost', { body, fields: cpim })).statusCode).toBe(202);
    carol.answer(await carol.incoming(), 488);
    const told = await take(alice);
    expect(imdnsIn(told)).toMatchObject([{ messageId: 'm10', disposition: { status: 'failed' } }]);
    expect(Buffer.from(serialise(told)).toString()).not.toMatch(/carol|note|488/);
    await take(bob);
  });

  it('leaves none of an encrypted message either, should somebody notify of it in clear', async () => {
    const type = 'application/pkcs7-mime; smime-type=enveloped-data';
    const body = cpimBody('?', { id: 'm3', requests: 'positive-delivery', type });
    expect((await alice.request('MESSAGE', 'sip:secret@localhost', { body, fields: cpim })).statusCode).toBe(202);
    await take(bob);
    await take(carol);
    expect(await notify(bob, 'm3')).toBe(202);
    expect(Buffer.from(serialise(await take(alice))).toString()).not.toContain('bob');
  });
});

describe('an edge that has not heard yet of a message to a list', () => {
  const uri = unwrap(parseUri('sip:alice@localhost'));
  const imdn = { messageId: 'm1', disposition: { type: 'delivery', status: 'delivered' } } as const;
  const asked = {
    ...{ messageId: 'm1', sender: { uri: 'sip:alice@localhost' }, recordRoutes: [] },
    requests: [{ type: 'positive-delivery', parameters: [] }],
  };
  const names = {
    domain: 'localhost',
    aliases: new Set<string>(),
    chatDomain: 'chat.localhost',
    ports: new Set([5060]),
  };

  /** An edge's desk, and its copies of what is stored. */
  async function deskOn(broker: MemoryBroker) {
    const bus = broker.connect();
    const [book, lists] = [new ReceiptBook(bus), new ListBook(bus)];
    await Promise.all([book.filled, lists.filled]);
    const directory = { names, accounts: { findByNumber: () => undefined } };
    const options = { bus, book, lists, directory, clock: systemClock, realm: 'localhost', maxSize: 65_536 };
    return { desk: new ReceiptDesk(options), book, lists };
  }

  it('asks before it passes a notification on where lists hide their members, and else does not', async () => {
    const broker = memoryBroker();
    const [here, there, elsewhere] = [await deskOn(broker), await deskOn(broker), await deskOn(broker)];
    // The last hears of nothing any more.
    elsewhere.book[Symbol.dispose]();
    elsewhere.lists[Symbol.dispose]();
    const secret = {
      name: 'secret',
      displayName: '',
      owner: '',
      senders: 'anyone',
      members: [],
      createdAt: 0,
    } as const;
    unwrap(await there.lists.add({ ...secret, hideMembers: true }));
    await eventually(() => {
      expect(here.lists.everHid).toBe(true);
    });
    here.book[Symbol.dispose]();
    const receipt = { account: 'alice', list: 'sip:secret@localhost', hidden: true, recipients: ['sip:bob@localhost'] };
    expect(await there.desk.open({ ...receipt, curious: { asked, sender: uri, to: uri } })).toBe(true);

    const notification = { imdn, isProtected: false };
    expect(await here.desk.pass('alice', 'user bob', notification)).toMatchObject({
      kind: 'hidden',
      list: receipt.list,
    });
    expect(await here.desk.pass('alice', 'user mallory', notification)).toEqual({ kind: 'forbidden' });
    const single = { imdn: { ...imdn, messageId: 'm2' }, isProtected: false };
    expect(await here.desk.pass('alice', 'user bob', single)).toEqual({ kind: 'as it is' });
    expect(elsewhere.desk.pass('alice', 'user bob', single)).toBeUndefined();
  });
});
