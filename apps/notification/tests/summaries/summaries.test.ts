import type { Bus } from '@parley/bus';
import { createMemoryBroker } from '@parley/bus';
import { parseCpim } from '@parley/cpim';
import { receipts, receiptSubject, streams } from '@parley/contracts';
import { imdnsOf, serialiseImdn } from '@parley/imdn';
import { unwrap } from '@parley/prelude';
import { parseSipMessage } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { SimulatedClock } from '@parley/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { ReceiptShard } from '../../src/actors/receipt-shard.ts';

const names = Array.from({ length: 500 }, (_, i) => `u${i}`);
const minute = 60_000;
const day = 1_440 * minute;

function payload(name: string, status: 'delivered' | 'displayed' = 'delivered'): Uint8Array {
  const disposition =
    status === 'delivered' ? ({ type: 'delivery', status } as const) : ({ type: 'display', status } as const);
  const uri = `sip:${name}@localhost`;
  return serialiseImdn({
    messageId: 'm1',
    dateTime: '2026-11-21T10:00:00Z',
    recipientUri: uri,
    originalRecipientUri: uri,
    disposition,
  });
}

describe('A summary of the notifications of a list (RFC 5438 §8.3, REQ-DISNOT-11)', () => {
  let clock: SimulatedClock;
  let bus: Bus;
  let sent: SipRequest[];
  let shard: ReceiptShard;
  let reachable: boolean;
  /** Accounts whose mailboxes take nothing more. */
  let full: Set<string>;
  /** For whom something was to be stored, each time. */
  let attempts: string[];

  const start = (): void => {
    const means = {
      clock,
      stream: bus.stream(streams.receipts, receipts.ReceiptNews),
      deliver: (account: string, request: Uint8Array): Promise<boolean> => {
        attempts.push(account);
        if (full.has(account)) return Promise.resolve(false);
        const message = unwrap(parseSipMessage(request));
        if (reachable && message.kind === 'request') sent.push(message);
        return Promise.resolve(reachable);
      },
      summarised: () => {},
      stuck: () => {},
    };
    shard = new ReceiptShard(means, { shard: 0, epoch: 1, isValid: () => true });
  };
  beforeEach(() => {
    clock = new SimulatedClock();
    bus = createMemoryBroker({ clock }).connect();
    sent = [];
    reachable = true;
    full = new Set();
    attempts = [];
    start();
  });

  const store = async (news: NonNullable<receipts.ReceiptNews['news']>, account = 'alice'): Promise<void> => {
    const stream = bus.stream(streams.receipts, receipts.ReceiptNews);
    unwrap(await stream.append(receiptSubject(0), { account, messageId: 'm1', news }));
  };
  const open = (recipients: readonly string[], summarised = ['positive-delivery'], maxSize = 65_536): Promise<void> => {
    const value = { list: 'sip:team@localhost', sender: 'sip:alice@localhost', openedAt: clock.wallTime(), maxSize };
    return store({ kind: 'opened', value: { ...value, summarised, recipients: [...recipients] } });
  };
  const came = (recipient: string, type = 'positive-delivery'): Promise<void> => {
    const octets = payload(recipient, type === 'display' ? 'displayed' : 'delivered');
    return store({ kind: 'came', value: { recipient, type, payload: octets, cameAt: clock.wallTime() } });
  };
  const look = async (time = 0): Promise<void> => {
    shard.look();
    await clock.run(time);
    for (let i = 0; i < 50; i++) await clock.run(0);
  };
  /** Who is told of in each summary. */
  const told = (): readonly (readonly string[])[] =>
    sent.map(({ body }) =>
      unwrap(imdnsOf(unwrap(parseCpim(body)).content)).map(
        ({ recipientUri = '' }) => /sip:(.*)@/.exec(recipientUri)?.[1] ?? '',
      ),
    );

  it('goes as one MESSAGE from the list as soon as all have answered, each payload a message/imdn+xml', async () => {
    await open(['a', 'b']);
    await came('a');
    await look();
    expect(sent).toEqual([]);
    await came('b');
    await look();
    expect(told()).toEqual([['a', 'b']]);
    const text = Buffer.from(sent[0]?.body ?? []).toString();
    expect(text).toContain('From: <sip:team@localhost>');
    expect(text).toContain('Content-Type: multipart/mixed');
    expect(text.match(/Content-Type: message\/imdn\+xml/g)).toHaveLength(2);
    expect(shard.size).toBe(0);
  });

  it('goes after 60 s with those that have answered, and late ones follow in further batches', async () => {
    await open(['a', 'b', 'c', 'd']);
    await came('a');
    await look(minute - 1);
    expect(sent).toEqual([]);
    await look(1);
    expect(told()).toEqual([['a']]);
    await clock.run(10 * minute);
    await came('b');
    await look(minute / 2);
    await came('c');
    await look(minute / 2);
    expect(told()).toEqual([['a'], ['b', 'c']]);
    await came('d');
    await look();
    expect(told()).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  it('tells of each recipient once, however many of its devices answered', async () => {
    await open(['a', 'b']);
    for (const name of ['a', 'a', 'a']) await came(name);
    await look(minute);
    for (const name of ['a', 'b']) await came(name);
    await look(minute);
    expect(told()).toEqual([['a'], ['b']]);
  });

  it('waits for every type that was asked', async () => {
    await open(['a'], ['positive-delivery', 'negative-delivery', 'display']);
    await came('a');
    await look();
    expect(sent).toEqual([]);
    await came('a', 'display');
    await look();
    expect(told()).toEqual([['a', 'a']]);
  });

  it('to 500 goes in as few batches as fit, every recipient exactly once, over restarts in the middle', async () => {
    const maxSize = 65_536;
    await open(names, ['positive-delivery'], maxSize);
    for (const [i, name] of names.entries()) {
      await came(name);
      if (i % 50 !== 0) continue;
      await look();
      reachable = i !== 300;
      await shard.close();
      start();
    }
    reachable = true;
    await look();
    await look(5_000);
    const octets = names.reduce((sum, name) => sum + payload(name).length, 0);
    expect(told().flat().sort()).toEqual([...names].sort());
    expect(sent.length).toBeLessThanOrEqual(Math.ceil(octets / (maxSize * 0.7)));
    for (const { body } of sent) expect(body.length).toBeLessThanOrEqual(maxSize);
    expect(shard.size).toBe(0);
  });

  it('for a full mailbox holds up no other, is tried again, and is given up once nothing more is collected', async () => {
    full.add('mallory');
    const value = { list: 'sip:team@localhost', sender: 'sip:mallory@localhost', openedAt: clock.wallTime() };
    const rest = { maxSize: 65_536, summarised: ['positive-delivery'], recipients: ['a'] };
    await store({ kind: 'opened', value: { ...value, ...rest } }, 'mallory');
    const notice = { recipient: 'a', type: 'positive-delivery', payload: payload('a'), cameAt: clock.wallTime() };
    await store({ kind: 'came', value: notice }, 'mallory');
    await open(['b']);
    await came('b');
    await look();
    expect(told()).toEqual([['b']]);
    expect(shard.size).toBe(1);
    clock.advance(9 * day);
    await look();
    expect(shard.size).toBe(0);
  });

  it('for a full mailbox is tried after growing pauses, whatever comes for others, and goes out once there is room', async () => {
    full.add('mallory');
    const value = { list: 'sip:team@localhost', sender: 'sip:mallory@localhost', openedAt: clock.wallTime() };
    const rest = { maxSize: 65_536, summarised: ['positive-delivery'], recipients: ['a'] };
    await store({ kind: 'opened', value: { ...value, ...rest } }, 'mallory');
    const notice = { recipient: 'a', type: 'positive-delivery', payload: payload('a'), cameAt: clock.wallTime() };
    await store({ kind: 'came', value: notice }, 'mallory');
    await open(names);
    for (const name of names.slice(0, 60)) {
      await came(name);
      await look(minute);
    }
    const tried = attempts.filter((account) => account === 'mallory').length;
    expect(tried).toBeGreaterThan(10);
    expect(tried).toBeLessThan(25);
    full.clear();
    await look(5 * minute);
    expect(told().flat()).toContain('a');
    expect(attempts.filter((account) => account === 'mallory')).toHaveLength(tried + 1);
  });

  it('that may have been sent before a crash is sent again the same, and known by its names', async () => {
    await open(['a', 'b']);
    await came('a');
    await came('b');
    reachable = false;
    await look();
    expect(sent).toEqual([]);
    await shard.close();
    reachable = true;
    start();
    await look();
    const first = sent[0];
    await shard.close();
    expect(told()).toEqual([['a', 'b']]);
    expect(first?.requestUri).toBe('sip:alice@localhost');
  });
});

describe('The receipts of a shard', () => {
  it('hear of news whenever they are told of, also between two steps of who looks', async () => {
    for (let steps = 0; steps < 20; steps++) {
      const clock = new SimulatedClock();
      const bus = createMemoryBroker({ clock }).connect();
      const stream = bus.stream(streams.receipts, receipts.ReceiptNews);
      const answered = Promise.withResolvers<undefined>();
      let looks = 0;
      const read: typeof stream.read = async (subject, options) => {
        const found = await stream.read(subject, options);
        const value = {
          list: '',
          sender: '',
          openedAt: clock.wallTime(),
          maxSize: 1,
          summarised: [],
          recipients: ['a'],
        };
        const news = { account: 'alice', messageId: 'm1', news: { kind: 'opened', value } as const };
        // Stored after the store was looked into, and told of while the answer is on its way.
        if (looks++ === 0) unwrap(await stream.append(receiptSubject(0), news));
        answered.resolve(undefined);
        return found;
      };
      const watched = new Proxy(stream, {
        get: (of, name) => (name === 'read' ? read : (Reflect.get(of, name) as () => unknown).bind(of)),
      });
      const means = { clock, deliver: () => Promise.resolve(true), summarised: () => {}, stuck: () => {} };
      const shard = new ReceiptShard({ ...means, stream: watched }, { shard: 0, epoch: 1, isValid: () => true });
      shard.look();
      await answered.promise;
      for (let i = 0; i < steps; i++) await Promise.resolve();
      shard.look();
      await clock.run(10);
      expect(shard.size, `${steps} steps later`).toBe(1);
      await shard.close();
    }
  });
});
