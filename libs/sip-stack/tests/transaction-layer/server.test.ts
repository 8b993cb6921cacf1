import { createRequest, readRaw, serialise } from '@parley/sip';
import type { SipMessage, SipRequest } from '@parley/sip';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stampSource } from '../../src/index.ts';
import { answer } from '../requests.ts';
import { scene } from '../scene.ts';
import type { Scene } from '../scene.ts';

interface Incoming {
  readonly via?: string;
  readonly cSeq?: string;
  readonly toTag?: string;
  readonly fromTag?: string;
}

function incoming(method: string, { via, cSeq, toTag, fromTag = 'a1' }: Incoming = {}): SipRequest {
  return createRequest({
    method,
    requestUri: 'sip:bob@example.net',
    fields: [
      ['Via', via ?? 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKone'],
      ['From', `<sip:alice@example.net>;tag=${fromTag}`],
      ['To', `<sip:bob@example.net>${toTag === undefined ? '' : `;tag=${toTag}`}`],
      ['Call-ID', 'c1'],
      ['CSeq', cSeq ?? `1 ${method}`],
    ],
  });
}

function sentBy({ pair }: Scene): readonly (number | string)[] {
  return pair.rightFlow.sent.map((message: SipMessage) =>
    message.kind === 'response' ? message.statusCode : message.method,
  );
}

function receive({ pair }: Scene, ...messages: readonly SipMessage[]): void {
  for (const message of messages) pair.right.onMessage(message, pair.rightFlow);
}

function respond(set: Scene, status: number): boolean {
  return set.pair.right.respond(set.right.last, answer(set.right.last.request, status));
}

describe('INVITE server transaction', () => {
  it('MUST send 100 when its user has not answered in 200 ms (RFC 3261 §17.2.1)', () => {
    const set = scene();
    receive(set, incoming('INVITE'));
    set.clock.advance(199);
    expect(sentBy(set)).toEqual([]);
    set.clock.advance(1);
    expect(sentBy(set)).toEqual([100]);
  });

  it('MUST answer a retransmission with the most recent provisional response (RFC 3261 §17.2.1)', () => {
    const set = scene();
    receive(set, incoming('INVITE'), incoming('INVITE'));
    respond(set, 180);
    receive(set, incoming('INVITE'));
    expect(sentBy(set)).toEqual([180, 180]);
    expect(set.right.heard).toEqual(['INVITE']);
  });

  it('retransmits a final response until the ACK comes (RFC 3261 §17.2.1)', () => {
    const set = scene();
    receive(set, incoming('INVITE'));
    respond(set, 486);
    set.clock.advance(1500);
    expect(sentBy(set)).toEqual([486, 486, 486]);
    receive(set, incoming('ACK'), incoming('ACK'));
    set.clock.advance(60_000);
    expect(sentBy(set)).toHaveLength(3);
    expect(set.right.heard).toEqual(['INVITE']);
    expect(set.pair.right.size.server).toBe(0);
  });

  it('MUST indicate a failure when no ACK comes in 64*T1 (RFC 3261 §17.2.1)', () => {
    const set = scene();
    receive(set, incoming('INVITE'));
    respond(set, 486);
    set.clock.advance(32_000);
    expect(set.right.heard).toEqual(['INVITE', 'unacknowledged']);
    // At 0, 0.5, 1.5, 3.5 and then every 4 s.
    expect(sentBy(set)).toHaveLength(11);
  });

  it('absorbs retransmissions of an accepted INVITE and sends what its user repeats (RFC 6026 §7.1)', () => {
    const set = scene();
    receive(set, incoming('INVITE'));
    respond(set, 200);
    receive(set, incoming('INVITE'));
    expect(sentBy(set)).toEqual([200]);
    expect(respond(set, 200)).toBe(true);
    expect(sentBy(set)).toEqual([200, 200]);
    set.clock.advance(32_000);
    expect(respond(set, 200)).toBe(false);
    expect(set.pair.right.size.server).toBe(0);
  });

  it('hands the ACK of a 2xx, which has a branch of its own, to the user (RFC 3261 §17.2.3)', () => {
    const set = scene();
    receive(set, incoming('INVITE'));
    respond(set, 200);
    receive(set, incoming('ACK', { via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKtwo', toTag: 'b1' }));
    receive(set, incoming('ACK', { toTag: 'b1' }));
    expect(set.right.heard).toEqual(['INVITE', 'ACK', 'ACK in transaction']);
  });

  it('MUST remain when the flow is closed, and repeats its response on the flow it is moved to (RFC 6026 §8.8)', () => {
    const set = scene({ protocol: 'TCP' });
    receive(set, incoming('INVITE'));
    set.pair.rightFlow.close();
    respond(set, 486);
    expect(set.right.heard).toEqual(['INVITE', 'unsendable']);
    expect(set.right.last.state).toBe('Completed');
    set.pair.right.moveTo(set.right.last, set.pair.leftFlow);
    expect(set.pair.leftFlow.sent).toHaveLength(1);
  });
});

describe('non-INVITE server transaction', () => {
  it('repeats its final response as long as Timer J runs, and not longer (RFC 3261 §17.2.2)', () => {
    const set = scene();
    receive(set, incoming('MESSAGE'));
    const { last } = set.right;
    set.pair.right.respond(last, answer(last.request, 200));
    expect(set.pair.right.rejectMerged(last)).toBe(false);
    set.clock.advance(31_999);
    receive(set, incoming('MESSAGE'));
    const [first, second] = set.pair.rightFlow.sent.map((message) => serialise(message));
    expect(second).toEqual(first);
    expect([set.right.heard, set.pair.right.counts.absorbed]).toEqual([['MESSAGE'], 1]);
    set.clock.advance(1);
    receive(set, incoming('MESSAGE'));
    expect(set.right.heard).toEqual(['MESSAGE', 'MESSAGE']);
  });

  it('repeats it to who asked by the same branch, sent-by and method alone (RFC 3261 §17.2.3)', () => {
    const set = scene();
    set.right.onArrival = (transaction) => set.pair.right.respond(transaction, answer(transaction.request, 200));
    receive(
      set,
      incoming('MESSAGE'),
      incoming('OPTIONS'),
      incoming('MESSAGE', { via: 'SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKone' }),
    );
    expect(set.right.heard).toEqual(['MESSAGE', 'OPTIONS', 'MESSAGE']);
  });

  it('absorbs retransmissions: silently in Trying, then with the final response (RFC 3261 §17.2.2)', () => {
    const set = scene();
    receive(set, incoming('MESSAGE'), incoming('MESSAGE'));
    expect(sentBy(set)).toEqual([]);
    respond(set, 200);
    receive(set, incoming('MESSAGE'));
    expect(sentBy(set)).toEqual([200, 200]);
    expect(set.right.heard).toEqual(['MESSAGE']);
    set.clock.advance(32_000);
    expect(set.pair.right.size.server).toBe(0);
  });

  it('MUST NOT send 100 over UDP before 3.5 s, and MUST then (RFC 4320 §4.1)', () => {
    const set = scene();
    receive(set, incoming('MESSAGE'));
    expect(respond(set, 100)).toBe(false);
    set.clock.advance(3499);
    expect(sentBy(set)).toEqual([]);
    set.clock.advance(1);
    expect(sentBy(set)).toEqual([100]);
  });

  it('MAY send 100 over a reliable transport at any time, once (RFC 4320 §4.1)', () => {
    const set = scene({ protocol: 'TCP' });
    receive(set, incoming('MESSAGE'));
    expect([respond(set, 100), respond(set, 100)]).toEqual([true, false]);
    set.clock.advance(4000);
    expect(sentBy(set)).toEqual([100]);
  });

  it.each([180, 183, 408])('MUST NOT send %i (RFC 4320 §4.1, §4.2)', (status) => {
    const set = scene({ protocol: 'TCP' });
    receive(set, incoming('MESSAGE'));
    expect(respond(set, status)).toBe(false);
    expect(sentBy(set)).toEqual([]);
    expect(set.pair.right.counts.withheld).toBe(1);
  });

  it('sends no final response once the client has given up (RFC 4320 §4.2)', () => {
    const set = scene();
    receive(set, incoming('MESSAGE'));
    set.clock.advance(32_000);
    expect(set.right.heard).toEqual(['MESSAGE', 'abandoned']);
    expect(respond(set, 200)).toBe(false);
    expect(set.pair.right.size.server).toBe(0);
  });
});

describe('matching of requests (RFC 3261 §17.2.3)', () => {
  it('compares branch, sent-by and method', () => {
    const set = scene();
    receive(
      set,
      incoming('MESSAGE'),
      incoming('MESSAGE', { via: 'SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKone' }),
      incoming('MESSAGE', { via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKtwo' }),
      incoming('OPTIONS'),
      incoming('INVITE'),
    );
    expect(set.right.heard).toEqual(['MESSAGE', 'MESSAGE', 'MESSAGE', 'OPTIONS', 'INVITE']);
  });

  it('reads a Via however it is written (RFC 4475 §3.1.1.1)', () => {
    const set = scene();
    const odd = 'SIP / 2.0\r\n /UDP\r\n    192.0.2.2;branch=z9hG4bK390skdjuw';
    receive(
      set,
      incoming('MESSAGE', { via: 'SIP  / 2.0  / TCP     spindle.example.com   ;  branch  =   z9hG4bK9ikj8' }),
      incoming('MESSAGE', {
        via: 'SIP/2.0/TCP spindle.example.com;branch=z9hG4bK9ikj8, SIP/2.0/UDP a;branch=z9hG4bKx',
      }),
      incoming('MESSAGE', { via: odd.replace(/\r\n/g, ' ') }),
    );
    expect(set.right.heard).toEqual(['MESSAGE', 'MESSAGE']);
  });

  it('finds the INVITE that a CANCEL means, and none for a stray one (RFC 3261 §9.2)', () => {
    const set = scene();
    receive(set, incoming('INVITE'), incoming('CANCEL'));
    expect(set.right.cancelled?.request.method).toBe('INVITE');
    receive(set, incoming('CANCEL', { via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKother' }));
    expect(set.right.cancelled).toBeUndefined();
  });

  it('falls back to RFC 2543 without the magic cookie: the ACK has the To tag of the response', () => {
    const set = scene();
    const via = 'SIP/2.0/UDP 192.0.2.1:5060';
    receive(set, incoming('INVITE', { via }), incoming('INVITE', { via }));
    expect(set.right.heard).toEqual(['INVITE']);
    respond(set, 486);
    receive(set, incoming('ACK', { via, toTag: 'someone-else' }));
    expect(set.right.last.state).toBe('Completed');
    receive(set, incoming('ACK', { via, toTag: 'b1' }));
    expect(set.right.last.state).toBe('Confirmed');
    receive(set, incoming('MESSAGE', { via, cSeq: '2 MESSAGE' }), incoming('MESSAGE', { via, cSeq: '2 MESSAGE' }));
    expect(set.right.heard).toEqual(['INVITE', 'ACK', 'MESSAGE']);
    set.clock.advance(70_000);
    expect(set.pair.right.size.server).toBe(0);
  });

  it('passes the ACK of an RFC 2543 client in Accepted to the user (RFC 6026 §6)', () => {
    const set = scene();
    const via = 'SIP/2.0/UDP 192.0.2.1:5060;branch=1';
    receive(set, incoming('INVITE', { via }));
    respond(set, 200);
    receive(set, incoming('ACK', { via, toTag: 'b1' }));
    expect(set.right.heard).toEqual(['INVITE', 'ACK in transaction']);
  });

  it('answers a CSeq with another method by 400 (RFC 3261 §8.1.1.5)', () => {
    const set = scene();
    receive(set, incoming('MESSAGE', { cSeq: '1 INVITE' }));
    expect(sentBy(set)).toEqual([400]);
    expect(set.right.heard).toEqual([]);
  });

  it('answers a Via that cannot be read over the flow of the request (RFC 4475 §3.1.2.1), and no ACK', () => {
    const set = scene();
    receive(set, incoming('MESSAGE', { via: '???' }));
    receive(set, incoming('ACK', { via: '???' }));
    expect([set.right.heard, sentBy(set), set.pair.right.counts.malformed]).toEqual([[], [400], 2]);
  });

  it('takes the magic cookie alone for a branch of RFC 2543 (RFC 4475 §3.2.1)', () => {
    const set = scene();
    receive(set, incoming('MESSAGE', { via: 'SIP/2.0/UDP a.example;branch=z9hG4bK', fromTag: 'one' }));
    receive(set, incoming('MESSAGE', { via: 'SIP/2.0/UDP a.example;branch=z9hG4bK', fromTag: 'two' }));
    expect(set.right.heard.length).toBe(2);
  });
});

describe('the flow of responses over UDP (RFC 3261 §18.2.2)', () => {
  const other = scene().pair.leftFlow;

  it('is the one to the port of sent-by, where the client did not ask for rport', () => {
    const asked: unknown[] = [];
    const set = scene({}, { flowTo: (target) => (asked.push(target), other) });
    receive(set, incoming('MESSAGE', { via: 'SIP/2.0/UDP 192.0.2.1:6060;branch=z9hG4bKa' }));
    expect(asked).toEqual([{ transport: 'UDP', host: '192.0.2.1', port: 6060 }]);
    expect(set.right.last.flow).toBe(other);
  });

  it('is that of the request with rport, at the same port, or over a connection', () => {
    for (const [protocol, via] of [
      ['UDP', 'SIP/2.0/UDP 192.0.2.1:6060;branch=z9hG4bKa;rport=5060;received=192.0.2.1'],
      ['UDP', 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa'],
      ['TCP', 'SIP/2.0/TCP 192.0.2.1:6060;branch=z9hG4bKa'],
    ] as const) {
      const set = scene({ protocol }, { flowTo: () => other });
      receive(set, incoming('MESSAGE', { via }));
      expect(set.right.last.flow).toBe(set.pair.rightFlow);
    }
  });
});

describe('hostile input', () => {
  it('never throws and never takes long, whatever the top Via and the CSeq', () => {
    const set = scene();
    const long = 'a'.repeat(60_000);
    const vias = [
      `SIP/2.0/UDP ${long} ,`,
      `SIP/2.0/UDP ${':1'.repeat(30_000)}"`,
      `SIP/2.0/UDP a${';a'.repeat(30_000)},`,
    ];
    for (const via of vias) {
      const request = incoming('MESSAGE', { via });
      receive(set, stampSource(request, { address: '192.0.2.1', port: 5060 }));
    }
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.string({ maxLength: 20 }), (tail, cSeq) => {
        const odd = incoming('MESSAGE', { via: `SIP/2.0/UDP ${tail}`, cSeq });
        receive(set, stampSource(odd, { address: '192.0.2.1', port: 5060 }), answer(odd, 200));
      }),
    );
  });

  it('a user that throws leaves no transaction behind', () => {
    const set = scene({ protocol: 'TCP' });
    set.right.onArrival = (transaction) => {
      set.pair.right.respond(transaction, answer(transaction.request, 200));
      throw new Error('fault of the user');
    };
    expect(() => {
      receive(set, incoming('MESSAGE'));
    }).toThrow('fault of the user');
    expect(set.pair.right.size.server).toBe(0);
  });
});

describe('merged requests', () => {
  it('get 482: same From tag, Call-ID and CSeq, no To tag, another branch (RFC 3261 §8.2.2.2)', () => {
    const set = scene();
    receive(set, incoming('MESSAGE'));
    expect(set.pair.right.rejectMerged(set.right.last)).toBe(false);
    expect(set.pair.right.rejectMerged(set.right.last)).toBe(false);
    receive(set, incoming('MESSAGE', { via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKtwo' }));
    expect(set.pair.right.rejectMerged(set.right.last)).toBe(true);
    expect(sentBy(set)).toEqual([482]);
  });

  it('are not those of another sender, or inside a dialog', () => {
    const set = scene();
    const other = 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK';
    for (const request of [
      incoming('MESSAGE'),
      incoming('MESSAGE', { via: `${other}2`, fromTag: 'a2' }),
      incoming('MESSAGE', { via: `${other}3`, toTag: 'b' }),
      incoming('MESSAGE', { via: `${other}4`, toTag: 'b' }),
    ]) {
      receive(set, request);
      expect(set.pair.right.rejectMerged(set.right.last)).toBe(false);
    }
  });

  it('are known as such until Timer J ends, also when the first copy was answered before', () => {
    const set = scene();
    receive(set, incoming('MESSAGE'));
    expect(set.pair.right.rejectMerged(set.right.last)).toBe(false);
    respond(set, 200);
    receive(set, incoming('MESSAGE', { via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKother' }));
    expect(set.pair.right.rejectMerged(set.right.last)).toBe(true);
    expect(sentBy(set)).toEqual([200, 482]);
  });
});

describe('a full table', () => {
  const via = (n: number): Incoming => ({ via: `SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${n}` });

  it('refuses with 503 and Retry-After what it has no room for', () => {
    const set = scene({}, { maxTransactions: 2, retryAfter: 9 });
    receive(set, incoming('MESSAGE', via(1)), incoming('MESSAGE', via(2)), incoming('MESSAGE', via(3)));
    expect(set.right.heard).toHaveLength(2);
    expect(sentBy(set)).toEqual([503]);
    const [refusal] = set.pair.rightFlow.sent;
    expect(refusal === undefined ? undefined : readRaw(refusal, 'Retry-After')).toBe('9');
  });

  it('forgets the oldest responses where there is no room for all, and refuses nobody for it', () => {
    const set = scene({}, { maxTransactions: 2, maxCompleted: 2 });
    set.right.onArrival = (transaction) => set.pair.right.respond(transaction, answer(transaction.request, 200));
    for (let n = 1; n <= 5; n++) receive(set, incoming('MESSAGE', via(n)));
    expect(sentBy(set)).toEqual([200, 200, 200, 200, 200]);
    expect(set.pair.right.size.server).toBe(2);
    expect(set.pair.right.counts.shed).toBe(3);
  });
});
