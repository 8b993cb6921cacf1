import { SimulatedClock } from '@parley/testing';
import { createResponseTo, readRaw, withRawField } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import type { Hop } from '@parley/sip-stack';
import { describe, expect, it } from 'vitest';
import { NextHopLoad } from '../../src/overload/next-hop-load.ts';
import { OverloadTalk } from '../../src/overload/overload-talk.ts';
import { flowFrom } from '../support/flow.ts';
import { requestWith } from '../support/messages.ts';

const hop: Hop = { protocol: 'TCP', address: '192.0.2.7', port: 5060, serverName: 'example.net' };
const flow = flowFrom(hop.address, hop.port);

function build() {
  const clock = new SimulatedClock();
  let dice = 0;
  const nextHops = new NextHopLoad(clock, () => (dice++ % 10) / 10);
  const admitted = (): number => Array.from({ length: 100 }, () => nextHops.admits(hop)).filter(Boolean).length;
  return { clock, nextHops, admitted };
}

function answer(status: number, via = '', fields: readonly (readonly [string, string])[] = []): SipResponse {
  const response = createResponseTo(requestWith('MESSAGE sip:bob@example.net'), status, undefined, { fields });
  return withRawField(response, 'Via', `SIP/2.0/TCP us;branch=z9hG4bK1${via}`);
}

describe('A next hop with too much to do', () => {
  it('MUST be sent no more than it asked for, until that expires (RFC 7339 §5.5, §5.7)', () => {
    const { clock, nextHops, admitted } = build();
    nextHops.heard(answer(200, ';oc=30;oc-algo="loss";oc-validity=500;oc-seq=1'), flow);
    expect(admitted()).toBe(70);
    clock.advance(500);
    expect(admitted()).toBe(100);
  });

  it('is heard of later responses alone, and of the end (RFC 7339 §4.4, §5.7)', () => {
    const { nextHops, admitted } = build();
    nextHops.heard(answer(200, ';oc=50;oc-algo="loss";oc-validity=5000;oc-seq=5'), flow);
    nextHops.heard(answer(200, ';oc=90;oc-algo="loss";oc-validity=5000;oc-seq=4'), flow);
    expect(admitted()).toBe(50);
    nextHops.heard(answer(200, ';oc=0;oc-algo="loss";oc-validity=0;oc-seq=6'), flow);
    expect(admitted()).toBe(100);
  });

  it('is left alone for as long as its 503 says (RFC 3261 §21.5.4)', () => {
    const { clock, nextHops, admitted } = build();
    nextHops.heard(answer(503, '', [['Retry-After', '10']]), flow);
    expect(admitted()).toBe(0);
    clock.advance(10_000);
    expect(admitted()).toBe(100);
    nextHops.heard(answer(503), flow);
    expect(admitted()).toBe(100);
  });

  it('does not stop what goes elsewhere', () => {
    const { nextHops } = build();
    nextHops.heard(answer(503, '', [['Retry-After', '10']]), flow);
    expect(nextHops.admits({ ...hop, port: 5070 })).toBe(true);
    expect(nextHops.admits({ ...hop, protocol: 'UDP' })).toBe(true);
  });
});

describe('Talk of overload with neighbours', () => {
  function talkWith(loss: number) {
    const { nextHops } = build();
    const peer = {
      domain: 'example.net',
      uri: '',
      secure: false,
      host: '192.0.2.7',
      port: 5060,
      transport: 'tcp',
    } as const;
    const talk = new OverloadTalk({
      overload: { feedback: () => ({ loss, validity: 500, sequence: 3 }) },
      nextHops,
      isTrusted: (address) => address === '192.0.2.7',
      peers: [peer],
    });
    return { talk, nextHops };
  }
  const offering = withRawField(
    requestWith('MESSAGE sip:bob@localhost'),
    'Via',
    'SIP/2.0/TCP p;branch=z9hG4bKp;oc;oc-algo="loss"',
  );

  it('MUST answer who offered it, and does not carry the offer further (RFC 7339 §4.1, §5.6)', () => {
    const { talk } = talkWith(20);
    const heard = talk.hear(offering, flow);
    expect(readRaw(heard, 'Via')).toBe('SIP/2.0/TCP p;branch=z9hG4bKp');
    if (heard.kind !== 'request') throw new Error('expected the request');
    const told = talk.answer(createResponseTo(heard, 200), flow);
    expect(readRaw(told, 'Via')).toContain(';oc=20;oc-algo="loss";oc-validity=500;oc-seq=3.000');
  });

  it('tells strangers nothing', () => {
    const { talk } = talkWith(20);
    const stranger = flowFrom('198.51.100.1');
    expect(talk.hear(offering, stranger)).toBe(offering);
    const response = createResponseTo(requestWith('MESSAGE sip:bob@localhost'), 200);
    expect(talk.answer(response, stranger)).toBe(response);
  });

  it('is offered to peers, and to nobody else (RFC 7339 §5.1)', () => {
    const { talk } = talkWith(0);
    const [toPeer, toOther] = [flowFrom('192.0.2.7'), flowFrom('192.0.2.8')];
    talk.flowTo(hop, () => toPeer);
    talk.flowTo({ ...hop, address: '192.0.2.8', serverName: 'elsewhere.example' }, () => toOther);
    expect(talk.offer(toPeer)).toBe(';oc;oc-algo="loss"');
    expect(talk.offer(toOther)).toBe('');
  });

  it('gives a closed flow to a hop that is to be left alone, so that the next is tried', () => {
    const { talk } = talkWith(0);
    talk.hear(answer(503, '', [['Retry-After', '10']]), flow);
    expect(talk.flowTo(hop, () => flow).open).toBe(false);
  });
});
