import { noBytes } from '@parley/prelude';
import type { Cancel, Clock, Random } from '@parley/prelude';
import { createResponseTo, parseSipMessage } from '@parley/sip';
import type { SipMessage, SipRequest, SipResponse } from '@parley/sip';
import { createTransactionLayer, readTopVia } from '../src/index.ts';
import type { Flow, ResponseUser, TransactionLayer, TransactionUser } from '../src/index.ts';

/** Transactions of a round, and rounds; the best round counts, since the machine is shared. */
const size = 40_000;
const rounds = 7;

/** Stands still while a round runs; between rounds it lets all timers run out. */
class BenchClock implements Clock {
  private time = 0;
  private task: (() => void) | undefined;
  private at = 0;
  now(): number {
    return this.time;
  }
  wallTime(): number {
    return this.time;
  }
  after(delay: number, task: () => void): Cancel {
    this.task = task;
    this.at = this.time + delay;
    return () => {
      this.task = undefined;
    };
  }
  runOut(): void {
    for (let { task } = this; task !== undefined; { task } = this) {
      this.task = undefined;
      this.time = Math.max(this.time, this.at);
      task();
    }
  }
}

const random: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
const endpoint = { address: '192.0.2.1', port: 5060 };

/** A flow that keeps only the last message, as a transport's queue would hold it. */
class Sink implements Flow {
  readonly id = 'sink';
  readonly protocol: 'UDP' | 'TCP';
  readonly reliable: boolean;
  readonly local = endpoint;
  readonly remote = endpoint;
  readonly peerNames: readonly string[] = [];
  readonly open = true;
  last: SipMessage | undefined;
  constructor(protocol: 'UDP' | 'TCP') {
    this.protocol = protocol;
    this.reliable = protocol === 'TCP';
  }
  send(message: SipMessage): void {
    this.last = message;
  }
  close(): void {}
}

function request(n: number): SipRequest {
  const text =
    `MESSAGE sip:bob@example.net SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;rport=5060;branch=z9hG4bK${n.toString(36)}x;received=192.0.2.9\r\n` +
    'Max-Forwards: 70\r\nFrom: <sip:alice@example.net>;tag=a1\r\nTo: <sip:bob@example.net>\r\n' +
    `Call-ID: c${n}\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n`;
  const parsed = parseSipMessage(Buffer.from(text, 'latin1'));
  if (!parsed.ok || parsed.value.kind !== 'request') throw new Error('not a request');
  return { ...parsed.value, body: noBytes };
}

const requests = Array.from({ length: size }, (_, n) => request(n));
const responses: SipResponse[] = requests.map((message) => createResponseTo(message, 200));
const nobody: ResponseUser = { onProvisional() {}, onFinal() {}, onTimeout() {}, onTransportError() {} };

interface Bench {
  readonly layer: TransactionLayer;
  readonly clock: BenchClock;
}

function bench(onRequest: TransactionUser['onRequest']): Bench {
  const clock = new BenchClock();
  const user: TransactionUser = { onRequest, onCancel() {}, onAck() {}, onTrouble() {} };
  const layer = createTransactionLayer({ clock, random, sentBy: () => '192.0.2.1:5060', user: () => user });
  return { layer, clock };
}

function best(name: string, round: () => number, baseline?: number): number {
  let fastest = Infinity;
  for (let n = 0; n < rounds; n++) fastest = Math.min(fastest, round());
  const perSecond = (size / fastest) * 1000;
  const ratio = baseline === undefined ? '' : `  ${(baseline / perSecond).toFixed(1)} x the baseline's cost`;
  console.log(`${name.padEnd(64)} ${Math.round(perSecond).toLocaleString('en').padStart(12)}/s${ratio}`);
  return perSecond;
}

/** Milliseconds of CPU, collection of garbage included: what others do on the machine does not count. */
function timed(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const keys = requests.map((message) => readTopVia(message)?.branch ?? '');

const baseline = best('baseline: insert into and delete from a Map', () =>
  timed(() => {
    const map = new Map<string, SipRequest>();
    for (let n = 0; n < size; n++) map.set(keys[n] ?? '', requests[n] ?? request(n));
    for (let n = 0; n < size; n++) map.delete(keys[n] ?? '');
  }),
);

best(
  'readTopVia alone',
  () =>
    timed(() => {
      for (const message of requests) readTopVia(message);
    }),
  baseline,
);

for (const protocol of ['UDP', 'TCP'] as const) {
  const flow = new Sink(protocol);

  best(
    `server transaction over ${protocol}: request, 200, gone`,
    () => {
      let n = 0;
      const { layer, clock } = bench((transaction) => {
        layer.respond(transaction, responses[n++] ?? createResponseTo(transaction.request, 200));
      });
      return timed(() => {
        for (const message of requests) layer.onMessage(message, flow);
        clock.runOut();
      });
    },
    baseline,
  );

  best(
    `client transaction over ${protocol}: request, 200, gone`,
    () => {
      const { layer, clock } = bench(() => {});
      const sent: SipRequest[] = [];
      const sending = timed(() => {
        for (const message of requests) sent.push(layer.sendRequest(message, flow, nobody).request);
      });
      const answers = sent.map((message) => createResponseTo(message, 200));
      return (
        sending +
        timed(() => {
          for (const message of answers) layer.onMessage(message, flow);
          clock.runOut();
        })
      );
    },
    baseline,
  );

  best(
    `what a proxy does over ${protocol}: both, with the response made`,
    () => {
      const { layer, clock } = bench((transaction, message) => {
        const user: ResponseUser = {
          ...nobody,
          onFinal: () => layer.respond(transaction, createResponseTo(transaction.request, 200)),
        };
        layer.onMessage(createResponseTo(layer.sendRequest(message, flow, user).request, 200), flow);
      });
      return timed(() => {
        for (const message of requests) layer.onMessage(message, flow);
        clock.runOut();
      });
    },
    baseline,
  );
}
