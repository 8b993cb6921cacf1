/*
 * A proxy over UDP in its steady state: for every message that passes, transactions of the last 32 s wait for
 * retransmissions (Timer J). From octets to octets, without sockets. The baseline is the same proxy over a reliable
 * transport, where nothing waits.
 */
import type { Cancel, Clock, Random } from '@parley/prelude';
import { checkRequest, createResponseTo, field, parseSipMessage, serialise, withoutFirst } from '@parley/sip';
import type { SipMessage } from '@parley/sip';
import { createTransactionLayer, stampSource } from '../src/index.ts';
import type { Flow, ResponseUser, TransactionLayer, TransactionUser } from '../src/index.ts';
import { nativeCodec } from '../src/node/native-codec.ts';

const perSecond = 5_000;
const seconds = 34;
const measured = 100_000;

interface Task {
  readonly at: number;
  readonly run: () => void;
}

/** Goes on with the messages: a fixed number of them to the second. The layer sets two timers at a time. */
class PacedClock implements Clock {
  private time = 0;
  private readonly tasks = new Set<Task>();
  now(): number {
    return this.time;
  }
  wallTime(): number {
    return this.time;
  }
  after(delay: number, run: () => void): Cancel {
    const task = { at: this.time + delay, run };
    this.tasks.add(task);
    return () => {
      this.tasks.delete(task);
    };
  }
  advance(): void {
    this.time += 1000 / perSecond;
    for (const task of this.tasks) {
      if (this.time < task.at) continue;
      this.tasks.delete(task);
      task.run();
    }
  }
}

const random: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
const ours = { address: '192.0.2.1', port: 5060 };
const theirs = { address: '192.0.2.9', port: 5060 };

/** A flow that writes out what is sent and hands the octets on. */
class Wire implements Flow {
  readonly id = 'wire';
  readonly protocol: 'UDP' | 'TCP';
  readonly reliable: boolean;
  readonly local = ours;
  readonly remote = theirs;
  readonly peerNames: readonly string[] = [];
  readonly open = true;
  private readonly arrive: (octets: Uint8Array, flow: Flow) => void;
  constructor(protocol: 'UDP' | 'TCP', arrive: (octets: Uint8Array, flow: Flow) => void) {
    this.protocol = protocol;
    this.reliable = protocol === 'TCP';
    this.arrive = arrive;
  }
  send(message: SipMessage): void {
    this.arrive(serialise(message, nativeCodec), this);
  }
  close(): void {}
}

function parsed(octets: Uint8Array): SipMessage {
  const message = parseSipMessage(octets, { codec: nativeCodec });
  if (!message.ok) throw new Error('the bench wrote what is no message');
  return message.value;
}

function requestOctets(n: number): Uint8Array {
  const head =
    `MESSAGE sip:bob@example.net SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;rport;branch=z9hG4bK${n.toString(36)}abc\r\n` +
    `Max-Forwards: 70\r\nFrom: <sip:alice@example.net>;tag=a${n}\r\nTo: <sip:bob@example.net>\r\nCall-ID: c${n}@192.0.2.9\r\n` +
    'CSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n';
  return Buffer.from(head + 'x'.repeat(100), 'latin1');
}

/** A proxy between two wires; gives what takes one message through it. */
function proxy(protocol: 'UDP' | 'TCP'): { readonly layer: TransactionLayer; readonly pass: (n: number) => void } {
  const clock = new PacedClock();
  const callee = new Wire(protocol, (octets, flow) => {
    const message = parsed(octets);
    if (message.kind === 'request')
      layer.onMessage(parsed(serialise(createResponseTo(message, 200), nativeCodec)), flow);
  });
  const caller = new Wire(protocol, () => {});
  const user: TransactionUser = {
    onRequest(transaction, request) {
      checkRequest(request);
      const branch: ResponseUser = {
        onProvisional() {},
        onFinal: (response) => layer.respond(transaction, withoutFirst(response, field.via)),
        onTimeout() {},
        onTransportError() {},
      };
      layer.sendRequest(request, callee, branch);
    },
    onCancel() {},
    onAck() {},
    onTrouble() {},
  };
  const layer = createTransactionLayer({ clock, random, sentBy: () => '192.0.2.1:5060', user: () => user });
  const pass = (n: number): void => {
    const message = parsed(requestOctets(n));
    if (message.kind === 'request') layer.onMessage(stampSource(message, theirs), caller);
    clock.advance();
  };
  return { layer, pass };
}

function occupied(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Microseconds of CPU for a message in the steady state, collection of garbage included. */
function measure(protocol: 'UDP' | 'TCP'): number {
  const before = occupied();
  const { layer, pass } = proxy(protocol);
  let n = 0;
  while (n < perSecond * seconds) pass(n++);
  const octets = occupied() - before;
  const waiting = layer.size.server;
  const start = process.cpuUsage();
  for (const end = n + measured; n < end;) pass(n++);
  const { user, system } = process.cpuUsage(start);
  const room = waiting === 0 ? '' : `, ${Math.round(octets / waiting)} octets for each of ${waiting} that wait`;
  console.log(`proxy over ${protocol}: ${((user + system) / measured).toFixed(1)} µs a message${room}`);
  return (user + system) / measured;
}

const baseline = measure('TCP');
console.log(`ratio ${(measure('UDP') / baseline).toFixed(2)}; octets are exact with node --expose-gc`);
