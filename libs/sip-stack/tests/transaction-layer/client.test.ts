import { readRaw, readRawAll } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { answer, request } from '../requests.ts';
import { scene } from '../scene.ts';

const lossy = { lose: () => true };

describe('INVITE client transaction over UDP', () => {
  it('MUST retransmit at T1, doubling, and give up after 64*T1 (RFC 3261 §17.1.1.2)', () => {
    const { clock, left, pair } = scene(lossy);
    pair.left.sendRequest(request('INVITE'), pair.leftFlow, left);
    const at: number[] = [];
    for (let sent = 1; clock.now() < 33_000;) {
      clock.advance(10);
      if (pair.leftFlow.sent.length > sent) {
        sent = pair.leftFlow.sent.length;
        at.push(clock.now());
      }
    }
    expect(at).toEqual([500, 1500, 3500, 7500, 15_500, 31_500]);
    expect(left.heard).toEqual(['timeout']);
    expect(pair.left.size.client).toBe(0);
  });

  it('MUST ACK a final response of 300 to 699, to where the INVITE went (RFC 3261 §17.1.1.3)', () => {
    const { clock, left, right, pair } = scene();
    right.onArrival = (transaction) => pair.right.respond(transaction, answer(transaction.request, 486));
    const invite = request('INVITE', [
      ['Route', '<sip:p1.example.net;lr>'],
      ['Route', '<sip:p2.example.net;lr>'],
    ]);
    pair.left.sendRequest(invite, pair.leftFlow, left);
    clock.advance(100);
    const [sent, ack] = pair.leftFlow.sent;
    if (sent === undefined || ack?.kind !== 'request') throw new Error('no ACK');
    expect(ack.method).toBe('ACK');
    expect(ack.requestUri).toBe('sip:bob@example.net');
    expect(readRawAll(ack, 'Via')).toEqual(readRawAll(sent, 'Via'));
    expect(readRaw(ack, 'CSeq')).toBe('1 ACK');
    expect(readRaw(ack, 'To')).toBe('<sip:bob@example.net>;tag=b1');
    expect(readRaw(ack, 'From')).toBe(readRaw(sent, 'From'));
    expect(readRawAll(ack, 'Route')).toEqual(['<sip:p1.example.net;lr>', '<sip:p2.example.net;lr>']);
    expect(right.heard).toEqual(['INVITE']);
    expect(left.heard).toEqual(['486']);
    clock.advance(40_000);
    expect(pair.right.size.server + pair.left.size.client).toBe(0);
  });

  it('MUST pass every 2xx up and leave the ACK to its user (RFC 6026 §8.4)', () => {
    const { clock, left, right, pair } = scene();
    right.onArrival = (transaction) => {
      pair.right.respond(transaction, answer(transaction.request, 200));
      pair.right.respond(transaction, answer(transaction.request, 200));
    };
    pair.left.sendRequest(request('INVITE'), pair.leftFlow, left);
    clock.advance(31_000);
    expect(left.heard).toEqual(['200', '200']);
    expect(pair.leftFlow.sent).toHaveLength(1);
    pair.left.sendAck(request('ACK'), pair.leftFlow);
    clock.advance(100);
    expect(right.heard).toEqual(['INVITE', 'ACK']);
    clock.advance(2000);
    expect(pair.left.size.client).toBe(0);
  });
});

describe('non-INVITE client transaction', () => {
  it('MUST retransmit with intervals up to T2 and give up after 64*T1 (RFC 3261 §17.1.2.2)', () => {
    const { clock, left, pair } = scene(lossy);
    pair.left.sendRequest(request('MESSAGE'), pair.leftFlow, left);
    clock.advance(33_000);
    // At 0, 0.5, 1.5, 3.5 and from then on every 4 s.
    expect(pair.leftFlow.sent).toHaveLength(11);
    expect(left.heard).toEqual(['timeout']);
  });

  it('retransmits every T2 once a provisional response came (RFC 3261 §17.1.2.2)', () => {
    let lost = false;
    const { clock, left, right, pair } = scene({ lose: () => lost });
    pair.left.sendRequest(request('OPTIONS'), pair.leftFlow, left);
    clock.advance(3600);
    lost = true;
    expect([...new Set(left.heard)]).toEqual(['100']);
    expect(right.heard).toEqual(['OPTIONS']);
    expect(pair.leftFlow.sent).toHaveLength(4);
    clock.advance(3890);
    expect(pair.leftFlow.sent).toHaveLength(4);
    clock.advance(10);
    expect(pair.leftFlow.sent).toHaveLength(5);
  });

  it('sends once over a reliable transport, and times out all the same (RFC 3261 §17.1.2.2)', () => {
    const { clock, left, pair } = scene({ protocol: 'TCP' });
    pair.left.sendRequest(request('MESSAGE'), pair.leftFlow, left);
    clock.advance(33_000);
    expect(pair.leftFlow.sent).toHaveLength(1);
    expect(left.heard).toEqual(['100', 'timeout']);
  });

  it('ends at once after a final response over a reliable transport: Timer K is zero (RFC 3261 §17.1.2.2)', () => {
    const { clock, left, right, pair } = scene({ protocol: 'TLS' });
    right.onArrival = (transaction) => pair.right.respond(transaction, answer(transaction.request, 202));
    pair.left.sendRequest(request('MESSAGE'), pair.leftFlow, left);
    clock.advance(20);
    expect(left.heard).toEqual(['202']);
    expect(pair.left.size.client + pair.right.size.server).toBe(0);
  });

  it('SHOULD inform its user when the flow breaks (RFC 3261 §17.1.4)', () => {
    const { clock, left, pair } = scene({ protocol: 'TCP' });
    pair.left.sendRequest(request('MESSAGE'), pair.leftFlow, left);
    pair.left.sendRequest(request('INVITE'), pair.leftFlow, left);
    clock.advance(100);
    pair.break();
    expect(left.heard).toEqual(['transport error', 'transport error']);
    expect(pair.left.size.client).toBe(0);
  });

  it('tells of a flow that was closed before only after sendRequest has returned', () => {
    const { clock, left, pair } = scene();
    pair.leftFlow.close();
    const { state } = pair.left.sendRequest(request('MESSAGE'), pair.leftFlow, left);
    expect([state, left.heard]).toEqual(['Terminated', []]);
    clock.advance(0);
    expect(left.heard).toEqual(['transport error']);
  });

  it('puts a Via with a branch of its own and rport on top (RFC 3261 §8.1.1.7, RFC 3581 §3)', () => {
    const { pair, left } = scene({}, { branchTag: 'w3.' });
    const { request: sent, branch } = pair.left.sendRequest(
      request('MESSAGE', [['Via', 'SIP/2.0/TCP other;branch=z9hG4bKold']]),
      pair.leftFlow,
      left,
    );
    expect(branch).toMatch(/^z9hG4bKw3\.[0-9a-v]{16}$/);
    expect(readRawAll(sent, 'Via')).toEqual([
      `SIP/2.0/UDP 192.0.2.1:5060;rport;branch=${branch}`,
      'SIP/2.0/TCP other;branch=z9hG4bKold',
    ]);
  });

  it('MUST discard a response that matches no transaction (RFC 6026 §8.9)', () => {
    const { clock, left, right, pair } = scene();
    right.onArrival = (transaction) => pair.right.respond(transaction, answer(transaction.request, 200));
    pair.left.sendRequest(request('MESSAGE'), pair.leftFlow, left);
    clock.advance(6000);
    const late = pair.rightFlow.sent[0];
    if (late === undefined) throw new Error('no response');
    pair.left.onMessage(late, pair.leftFlow);
    expect(left.heard).toEqual(['200']);
    expect(pair.left.counts.strays).toBe(1);
  });
});

describe('CANCEL', () => {
  it('MUST wait for a provisional response, and copies the Via of its INVITE (RFC 3261 §9.1)', () => {
    const { clock, left, right, pair } = scene();
    right.onArrival = (transaction) => {
      if (transaction.request.method === 'CANCEL') pair.right.respond(transaction, answer(transaction.request, 200));
    };
    const invite = pair.left.sendRequest(request('INVITE'), pair.leftFlow, left);
    pair.left.cancel(invite);
    expect(pair.leftFlow.sent).toHaveLength(1);
    clock.advance(300);
    const [sent, cancel] = pair.leftFlow.sent;
    if (sent === undefined || cancel?.kind !== 'request') throw new Error('no CANCEL');
    expect([cancel.method, readRaw(cancel, 'CSeq')]).toEqual(['CANCEL', '1 CANCEL']);
    expect(readRawAll(cancel, 'Via')).toEqual(readRawAll(sent, 'Via'));
    expect(right.heard).toEqual(['INVITE', 'CANCEL']);
    const target = right.cancelled;
    if (target === undefined) throw new Error('no INVITE for the CANCEL');
    pair.right.respond(target, answer(target.request, 487));
    clock.advance(100);
    expect(left.heard).toEqual(['100', '487']);
  });

  it('ends the INVITE after 64*T1 without a final response (RFC 3261 §9.1)', () => {
    const { clock, left, pair } = scene();
    const invite = pair.left.sendRequest(request('INVITE'), pair.leftFlow, left);
    clock.advance(300);
    pair.left.cancel(invite);
    clock.advance(32_000);
    expect(left.heard).toEqual(['100', 'timeout']);
  });

  it('has no effect after a final response (RFC 3261 §9.1)', () => {
    const { clock, left, right, pair } = scene();
    right.onArrival = (transaction) => pair.right.respond(transaction, answer(transaction.request, 200));
    const invite = pair.left.sendRequest(request('INVITE'), pair.leftFlow, left);
    clock.advance(100);
    pair.left.cancel(invite);
    clock.advance(100);
    expect(right.heard).toEqual(['INVITE']);
  });
});
