import { shardOf } from '@parley/actor';
import { busFailure, createMemoryBroker } from '@parley/bus';
import type { Bus, MemoryBroker } from '@parley/bus';
import type { history } from '@parley/contracts';
import { buckets, groupSubject, receipts, receiptShardCount, receiptSubject, rpc, streams } from '@parley/contracts';
import { err, unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { eventually } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imdn, saying } from './support/amending.ts';
import { House, openPolicy, room, uriOf } from './support/house.ts';
import { cpim } from './support/peer.ts';
import type { HeadParts, Peer } from './support/peer.ts';

const kept = { hub: { ...openPolicy, history: 100 } };
const type = 'message/imdn+xml';

describe('Disposition notifications in a room (RFC 5438, REQ-DISNOT-1 to REQ-DISNOT-13)', () => {
  let broker: MemoryBroker;
  let bus: Bus;
  let house: House;
  let alice: Peer & { session: string };
  let bob: Peer, carol: Peer;
  const asks = 'positive-delivery, negative-delivery, display';
  const notify = (peer: Peer, name: string, of: string, to: string = uriOf('alice'), parts: HeadParts = {}) =>
    peer.say(cpim(uriOf(name), to, imdn(of, uriOf(name)), `${type}\r\nContent-Disposition: notification`), parts);
  const collected = async (): Promise<readonly receipts.ReceiptNews[]> => {
    const shard = shardOf('alice') % receiptShardCount;
    const stream = bus.stream(streams.receipts, receipts.ReceiptNews);
    const read = unwrap(await stream.read(receiptSubject(shard), { from: 1, limit: 50 }));
    return read.map(({ message }) => message);
  };

  beforeEach(async () => {
    broker = createMemoryBroker({ clock: systemClock });
    bus = await Promise.resolve(broker.connect());
    house = await House.open({ bus: () => broker.connect() });
    alice = await house.join('alice', kept);
    bob = await house.join('bob', kept);
    carol = await house.join('carol', kept);
  });
  afterEach(async () => {
    await house[Symbol.asyncDispose]();
    await bus.drain();
  });

  it('the request reaches everybody, and each recipient’s notification who asked (REQ-DISNOT-1, 10)', async () => {
    await alice.say(saying(uriOf('alice'), 'hello', { id: 'm1', asks }));
    expect((await bob.heard(1)).body).toContain(`imdn.Disposition-Notification: ${asks}`);
    await carol.heard(1);
    expect(await notify(bob, 'bob', 'm1')).toBe(200);
    expect(await notify(carol, 'carol', 'm1')).toBe(200);
    const told = [(await alice.heard(1)).body, (await alice.heard(2)).body];
    expect(told[0]).toContain(`From: <${uriOf('bob')}>`);
    expect(told[0]).toContain('<message-id>m1</message-id>');
    expect(told[1]).toContain(`<recipient-uri>${uriOf('carol')}</recipient-uri>`);
  });

  it('of processing is made by the room, which deals with the message once (RFC 5438 §8.2)', async () => {
    await alice.say(saying(uriOf('alice'), 'hello', { id: 'm1', asks: 'processing' }));
    const { body } = await alice.heard(1);
    expect(body).toContain(`From: <${room}>`);
    expect(body).toContain('<processed/>');
    expect(body).toContain('<message-id>m1</message-id>');
    await bob.heard(1);
    expect(bob.sends).toHaveLength(1);
  });

  it('MUST be refused with 403 in the name of another (REQ-DISNOT-8)', async () => {
    await alice.say(saying(uriOf('alice'), 'hello', { id: 'm1', asks }));
    const forged = cpim(uriOf('carol'), uriOf('alice'), imdn('m1', uriOf('carol')), type);
    expect(await bob.say(forged)).toBe(403);
  });

  it('MUST NOT go to somebody who gives his message the name of another’s', async () => {
    await alice.say(saying(uriOf('alice'), 'hello', { id: 'm1', asks }));
    await bob.say(saying(uriOf('bob'), 'mine', { id: 'm1', asks }));
    await carol.heard(2);
    expect(await notify(carol, 'carol', 'm1', room)).toBe(200);
    expect((await alice.heard(2)).body).toContain('<message-id>m1</message-id>');
    expect(bob.sends).toHaveLength(1);
  });

  it('is for nobody but the sender: to the room it goes to the sender too, and not into the history', async () => {
    await alice.say(saying(uriOf('alice'), 'hello', { id: 'm1', asks }));
    await carol.heard(1);
    expect(await notify(bob, 'bob', 'm1', room)).toBe(200);
    expect((await alice.heard(1)).body).toContain('<message-id>m1</message-id>');
    await alice.say(saying(uriOf('alice'), 'bye', { id: 'm2' }));
    expect((await carol.heard(2)).body).toContain('bye');
    const command: history.HistoryCommand['command'] = {
      kind: 'read',
      value: { limit: 50, before: '', since: 0, kept: 100 },
    };
    const deadline = systemClock.now() + 30_000;
    const reply = await bus.request(
      groupSubject('msrp-switch', 'history'),
      rpc.history,
      { room, command },
      { deadline },
    );
    const { outcome } = unwrap(reply);
    expect(outcome?.kind === 'page' ? outcome.value.items.map(({ messageId }) => messageId) : []).toEqual(['m1', 'm2']);
  });

  it('to the room finds nobody by a name that is too long to be remembered', async () => {
    await house.command({ kind: 'updateHub', value: { hub: openPolicy } });
    const [short, long] = ['m'.repeat(256), 'm'.repeat(257)];
    for (const id of [long, short]) await alice.say(saying(uriOf('alice'), 'hello', { id, asks }));
    await bob.heard(2);
    for (const id of [long, short]) expect(await notify(bob, 'bob', id, room)).toBe(200);
    expect((await alice.heard(1)).body).toContain(`<message-id>${short}</message-id>`);
    expect(await notify(bob, 'bob', long)).toBe(200); // said to her it reaches her
    expect((await alice.heard(2)).body).toContain(`<message-id>${long}</message-id>`);
  });

  it('goes where private messages do not, and without a voice', async () => {
    await alice.say(saying(uriOf('alice'), 'hello', { id: 'm1', asks }));
    const hub = { ...kept.hub, moderated: true, privateMessages: false };
    await house.command({ kind: 'updateHub', value: { hub } });
    expect(await notify(bob, 'bob', 'm1')).toBe(200);
    await alice.heard(1);
  });

  it('names nobody where members are hidden (RFC 5438 §14.2); one that is protected is withheld', async () => {
    const hub = { ...kept.hub, hideMembers: true };
    await house.command({ kind: 'updateHub', value: { hub } });
    await alice.say(saying(uriOf('alice'), 'hello', { id: 'm1', asks }));
    expect(await notify(bob, 'bob', 'm1', uriOf('alice'), { messageId: 'bobs-own-id' })).toBe(200);
    const { body } = await alice.heard(1);
    expect(body).toContain(`From: <${room}>`);
    expect(body).toContain('<message-id>m1</message-id>');
    expect(body).not.toContain('bob');
    const sealed = 'application/pkcs7-mime\r\nContent-Disposition: notification';
    expect(await bob.say(cpim(uriOf('bob'), uriOf('alice'), 'MIIB', sealed))).toBe(200);
    await alice.bind();
    expect(alice.sends).toHaveLength(1);
  });

  it('of who is known by a pseudonym names that pseudonym alone', async () => {
    const alias = 'sip:anon7@chat.localhost;gr';
    const ghost = await house.join('ghost', { ...kept, uris: [alias] });
    await alice.say(saying(uriOf('alice'), 'hello', { id: 'm1', asks }));
    await ghost.say(cpim(alias, uriOf('alice'), imdn('m1', uriOf('ghost')), type));
    const { body } = await alice.heard(1);
    expect(body).toContain(`<recipient-uri>${alias}</recipient-uri>`);
    expect(body).not.toContain(uriOf('ghost'));
  });

  it('goes to the mailbox of a sender who has left (REQ-DISNOT-3)', async () => {
    const mail: receipts.DeliverRequest[] = [];
    bus.serve(groupSubject('edge', 'deliveries'), rpc.deliveries, (request): receipts.DeliverReply => {
      mail.push(request);
      return { stored: true };
    });
    await alice.say(saying(uriOf('alice'), 'hello', { id: 'm1', asks }));
    await house.command({ kind: 'close', value: { session: alice.session, reason: '' } });
    expect(await notify(bob, 'bob', 'm1')).toBe(200);
    expect(mail).toMatchObject([{ account: 'alice' }]);
    const text = Buffer.from(mail[0]?.request ?? []).toString();
    expect(text).toContain(`MESSAGE ${uriOf('alice')} SIP/2.0`);
    expect(text).toContain('<message-id>m1</message-id>');
  });

  it('is told by a REPORT when there is nobody whom it could reach (draft-03)', async () => {
    bus.serve(groupSubject('edge', 'deliveries'), rpc.deliveries, (): receipts.DeliverReply => ({ stored: false }));
    expect(await notify(bob, 'bob', 'm1', uriOf('nobody'))).toBe(200);
    expect((await bob.reported(1)).request.status?.code).toBe(427);
  });

  it('is collected where a summary was asked for, once for each recipient and type (REQ-DISNOT-11)', async () => {
    await house.join('alice', { ...kept, participant: 'alice-phone' });
    await alice.say(saying(uriOf('alice'), 'hello', { id: 'm1', asks: 'positive-delivery;summary, display' }));
    await bob.heard(1);
    await eventually(async () => {
      expect(await collected()).toHaveLength(1);
    });
    expect(await notify(bob, 'bob', 'm1')).toBe(200);
    expect(await notify(carol, 'carol', 'm1', room)).toBe(200);
    const shown = cpim(uriOf('bob'), uriOf('alice'), imdn('m1', uriOf('bob'), 'display'), type);
    expect(await bob.say(shown)).toBe(200);
    expect((await alice.heard(1)).body).toContain('<displayed/>');
    const [opened, ...came] = await collected();
    expect(opened).toMatchObject({
      account: 'alice',
      messageId: 'm1',
      news: {
        kind: 'opened',
        value: { list: room, recipients: ['user bob', 'user carol'], summarised: ['positive-delivery'] },
      },
    });
    expect(came.map(({ news }) => news?.value)).toMatchObject([
      { recipient: 'user bob', type: 'positive-delivery' },
      { recipient: 'user carol', type: 'positive-delivery' },
    ]);
    expect(alice.sends).toHaveLength(1);
    const known = unwrap(await bus.bucket(buckets.receipts, receipts.Receipt).entries());
    expect(known.map(({ value }) => value)).toMatchObject([{ account: 'alice', list: room, hidden: false }]);
  });

  it('goes on by itself where its summary could not be begun, though it came before that was known', async () => {
    const begun = Promise.withResolvers<undefined>();
    const other = await House.open({
      bus: () => withoutReceipts(broker.connect(), begun.promise),
      instance: 'switch-3',
    });
    const dave = await other.join('dave', kept);
    const erin = await other.join('erin', kept);
    await dave.say(saying(uriOf('dave'), 'hello', { id: 'm1', asks: 'positive-delivery;summary' }));
    await erin.heard(1);
    const notified = notify(erin, 'erin', 'm1', uriOf('dave'));
    await erin.bind(); // the switch has taken it
    expect(dave.sends).toHaveLength(0);
    begun.resolve(undefined);
    expect(await notified).toBe(200);
    expect((await dave.heard(1)).body).toContain('<delivered/>');
    await other[Symbol.asyncDispose]();
  });

  it('that cannot be read is refused with 400, one that is too large with 413', async () => {
    expect(await bob.say(cpim(uriOf('bob'), uriOf('alice'), '<imdn>', type))).toBe(400);
    expect(await bob.say(cpim(uriOf('bob'), uriOf('alice'), ' '.repeat(70_000), type))).toBe(413);
  });

  it('crosses from switch to switch', async () => {
    const other = await House.open({ bus: () => broker.connect(), instance: 'switch-2' });
    const dave = await other.join('dave', { ...kept, switches: { items: ['switch-1'] } });
    await alice.say(saying(uriOf('alice'), 'hello', { id: 'm1', asks }));
    await dave.heard(1);
    expect(await notify(dave, 'dave', 'm1')).toBe(200);
    expect((await alice.heard(1)).body).toContain(`From: <${uriOf('dave')}>`);
    expect(await notify(dave, 'dave', 'm1', room)).toBe(200);
    await alice.heard(2);
    await other[Symbol.asyncDispose]();
  });
});

/** The bus, save that nothing can be written down for summaries, which shows when `until` resolves. */
function withoutReceipts(bus: Bus, until: Promise<unknown>): Bus {
  const stream: Bus['stream'] = (definition, codec) => {
    const real = bus.stream(definition, codec);
    if (definition !== streams.receipts) return real;
    const append = async (): ReturnType<typeof real.append> => {
      await until;
      return err(busFailure('store', 'no room is left'));
    };
    return new Proxy(real, { get: (target, name) => (name === 'append' ? append : bound(target, name)) });
  };
  return new Proxy(bus, { get: (target, name) => (name === 'stream' ? stream : bound(target, name)) });
}

/** A property of an object that keeps its own `this`. */
function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}
