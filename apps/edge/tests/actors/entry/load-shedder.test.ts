import { unwrap } from '@parley/prelude';
import { parseSipMessage, readRaw, readRawAll } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import { SimulatedClock, seededRandom } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { LoadShedder } from '../../../src/actors/entry/load-shedder.ts';
import { Overload } from '../../../src/overload/overload.ts';
import { Telemetry } from '../../../src/telemetry.ts';

/** A shedder of an edge that is as overloaded as can be, or not at all. */
function shedderAt(delay: number, seen: readonly string[] = []) {
  const clock = new SimulatedClock();
  const overload = new Overload({ clock, random: seededRandom(7), target: 200 });
  for (let i = 0; i < 100; i++) {
    clock.advance(100);
    overload.measured(0, delay);
  }
  const shedder = new LoadShedder({
    overload,
    layer: { hasSeen: ({ branch = '' }) => seen.includes(branch) },
    responder: { reply: () => {} },
    telemetry: new Telemetry(),
    seed: 7,
  });
  const sent: SipResponse[] = [];
  const flow = {
    remote: { address: '192.0.2.7', port: 40_000 },
    sendHead: (head: string) => {
      const message = unwrap(parseSipMessage(Buffer.from(head, 'latin1')));
      if (message.kind === 'response') sent.push(message);
    },
  };
  const shed = (datagram: string): boolean => shedder.shedUnread(Buffer.from(datagram, 'latin1'), flow);
  return { shed, sent };
}

function datagram(method: string, branch: string, lines: readonly string[] = [], to = '<sip:bob@localhost>'): string {
  const head = [
    `${method} sip:bob@localhost SIP/2.0`,
    `Via: SIP/2.0/UDP 192.0.2.9:5060;rport;branch=z9hG4bK${branch}`,
    'From: <sip:alice@localhost>;tag=a',
    `To: ${to}`,
    'Call-ID: c1',
    `CSeq: 1 ${method}`,
    ...lines,
  ];
  return `${head.join('\r\n')}\r\n\r\nhello`;
}

const many = Array.from({ length: 200 }, (_, n) => `n${n}`);

describe('Requests in datagrams, of an edge with too much to do', () => {
  it('are refused with 503 before they are read, to where they came from (RFC 3261 §8.2.6, §18.2.2)', () => {
    const { shed, sent } = shedderAt(10_000);
    const refused = many.filter((branch) => shed(datagram('MESSAGE', branch)));
    expect(refused.length).toBeGreaterThan(150);
    expect(sent).toHaveLength(refused.length);
    const [first] = sent;
    if (first === undefined) throw new Error('none was refused');
    expect(first.statusCode).toBe(503);
    expect(readRaw(first, 'Via')).toContain(`branch=z9hG4bK${refused[0]};received=192.0.2.7;rport=40000`);
    expect(readRaw(first, 'To')).toMatch(/^<sip:bob@localhost>;tag=\w+$/);
    expect(readRaw(first, 'Retry-After')).toMatch(/^[1-5]$/);
    expect(['From', 'Call-ID', 'CSeq'].map((name) => readRaw(first, name))).toEqual([
      '<sip:alice@localhost>;tag=a',
      'c1',
      '1 MESSAGE',
    ]);
  });

  it('get the same To tag each time they come (RFC 3261 §8.2.7)', () => {
    const { shed, sent } = shedderAt(10_000);
    for (let copy = 0; copy < 20; copy++) shed(datagram('MESSAGE', 'one'));
    expect(new Set(sent.map((response) => readRaw(response, 'To'))).size).toBe(1);
  });

  it('are refused each time they come while the load is the same: nobody hears 503 of what is taken (RFC 3261 §8.2.7)', () => {
    const { shed } = shedderAt(10_000);
    const fates = many.map((branch) => [1, 2, 3, 4].map(() => shed(datagram('MESSAGE', branch))));
    expect(fates.filter((copies) => new Set(copies).size > 1)).toEqual([]);
    expect(new Set(fates.flat())).toEqual(new Set([true, false]));
  });

  it('are taken when they came before, so that what was accepted is never refused', () => {
    const { shed } = shedderAt(10_000, ['z9hG4bKaccepted']);
    expect(many.some(() => shed(datagram('MESSAGE', 'accepted')))).toBe(false);
  });

  it('are given up by kind: what keeps sessions alive and emergencies last (RFC 7339 §5.10.1)', () => {
    const { shed } = shedderAt(10_000);
    const share = (method: string, lines?: readonly string[], to?: string): number =>
      many.filter((branch) => shed(datagram(method, branch, lines, to))).length / many.length;
    expect(share('MESSAGE')).toBeGreaterThan(0.85);
    expect(share('BYE', [], '<sip:bob@localhost>;tag=b')).toBeLessThan(0.65);
    expect(share('MESSAGE', ['Priority: emergency'])).toBe(0);
    expect(share('ACK')).toBe(0);
  });

  it('say nothing of when to come back to a proxy (RFC 7339 §5.10.2)', () => {
    const { shed, sent } = shedderAt(10_000);
    for (const branch of many) shed(datagram('MESSAGE', branch, ['Via: SIP/2.0/UDP p;branch=z9hG4bKp']));
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.flatMap((response) => readRawAll(response, 'Retry-After'))).toEqual([]);
    expect(sent.every((response) => readRawAll(response, 'Via').length === 2)).toBe(true);
  });

  it('are all taken when there is nothing to give up, and when they are not in the usual form', () => {
    expect(many.some((branch) => shedderAt(0).shed(datagram('MESSAGE', branch)))).toBe(false);
    const { shed } = shedderAt(10_000);
    expect(many.some((branch) => shed(datagram('MESSAGE', branch).replace('z9hG4bK', '')))).toBe(false);
    expect(many.some((branch) => shed(datagram('MESSAGE', branch).replace('UDP 192', 'UDP  192')))).toBe(false);
  });
});
