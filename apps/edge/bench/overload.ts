import { unwrap } from '@parley/prelude';
import { nodeBytes, systemRandom } from '@parley/service';
import { parseSipMessage } from '@parley/sip';
import type { SipMessage } from '@parley/sip';
import { stampSource } from '@parley/sip-stack';
import { SimulatedClock } from '@parley/testing';
import { LoadShedder } from '../src/actors/load-shedder.ts';
import type { HeadFlow } from '../src/actors/load-shedder.ts';
import { Overload } from '../src/overload/overload.ts';
import { startInnerEdge } from './inner-edge.ts';
import type { InnerEdge } from './inner-edge.ts';
import { SimulatedFlow } from './simulated-flow.ts';

/*
 * What is still delivered at a multiple of the load that an edge can take, over a simulated UDP port: a queue of the kernel that
 * holds so many datagrams, senders that repeat by Timers E and F (RFC 3261 §17.1.2.2) and keep to their schedule whatever is
 * answered. Time is the processor time that the edge really takes for each datagram, and what the system takes to
 * receive and send one, so that it does not matter who else uses the machine.
 */

/** Milliseconds of the system for one datagram each way: 0.002 by the add-on, 0.008 by plain sockets. */
const systemCost = Number(process.argv[3] ?? 0.002);
/** Datagrams that fit into 4 MiB of the kernel. */
const room = 3_600;
/** Milliseconds that a device takes to answer. */
const deviceTime = 1;
const target = 200;
const times = Number(process.argv[2] ?? 2);
const body = 'x'.repeat(100);
const [t1, t2, timerF] = [500, 4_000, 32_000];

interface Datagram {
  readonly octets: Buffer;
  readonly flow: SimulatedFlow;
  readonly at: number;
}

/** The edge behind a queue, and the time that it spent. */
class Port {
  now = 0;
  delivered = 0;
  refused = 0;
  readonly final = new Set<number>();
  readonly overload: Overload;
  private readonly shedder: LoadShedder;
  readonly caller: SimulatedFlow;
  private readonly clock = new SimulatedClock();
  /** Where refusals are written; the octets count, as those of a slab would. */
  private readonly heads: HeadFlow = {
    remote: { address: '127.0.0.1', port: 40_001 },
    sendHead: (head) => {
      this.slab.write(head, 0, 'latin1');
      this.now += systemCost;
      this.hear(503, head);
    },
  };
  private readonly slab = Buffer.alloc(2048);
  private readonly edge: InnerEdge;
  private readonly queue: Datagram[] = [];
  private head = 0;
  private readonly answers: Datagram[] = [];
  private nextAnswer = 0;
  private nextLook = 100;
  private lost = false;
  onFinal: () => void = () => {};

  private constructor(edge: InnerEdge, cares: boolean) {
    this.edge = edge;
    this.overload = new Overload({ clock: this.clock, random: systemRandom, target: cares ? target : 0 });
    this.shedder = new LoadShedder({
      overload: this.overload,
      layer: { hasSeen: () => false },
      responder: { reply() {} },
      telemetry: { request() {}, response() {} },
      seed: 7,
    });
    this.caller = new SimulatedFlow('caller', 40_001, (_octets, message) => {
      this.now += systemCost;
      if (message.kind === 'response') this.hear(message.statusCode, message.fields.lines[0]?.text ?? '');
    });
  }

  static async open(cares: boolean): Promise<Port & AsyncDisposable> {
    const edge = await startInnerEdge({ PARLEY_AUTH: 'none' });
    const port = new Port(edge, cares);
    const callee: SimulatedFlow = new SimulatedFlow('callee', 40_002, (octets, message) => {
      port.now += systemCost;
      if (message.kind === 'request') port.answers.push({ octets, flow: callee, at: port.now + deviceTime });
    });
    const contact = 'Contact: <sip:bob@127.0.0.1:40002;transport=tcp>;expires=3600\r\n';
    port.take(Buffer.from(text('REGISTER', 0, contact)), callee);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return Object.assign(port, { [Symbol.asyncDispose]: () => edge[Symbol.asyncDispose]() });
  }

  get waiting(): number {
    return this.queue.length - this.head;
  }

  /** A datagram comes to the port; the kernel drops it when the queue is full. */
  arrive(octets: Buffer, flow: SimulatedFlow, at: number): void {
    if (this.waiting < room) this.queue.push({ octets, flow, at });
    else this.lost = true;
  }

  /** Takes the next datagram; false when there is none before `until`. */
  step(until: number): boolean {
    for (
      let due = this.answers[this.nextAnswer];
      due !== undefined && due.at <= this.now;
      due = this.answers[this.nextAnswer]
    ) {
      this.nextAnswer++;
      this.arrive(deviceAnswer(due.octets), due.flow, due.at);
    }
    const next = this.queue[this.head];
    if (next === undefined) {
      this.now = Math.min(until, this.answers[this.nextAnswer]?.at ?? until);
      return this.now < until;
    }
    this.head++;
    if (this.head > 10_000) {
      this.queue.splice(0, this.head);
      this.head = 0;
    }
    this.now += systemCost;
    this.look(next.at);
    this.take(next.octets, next.flow);
    return true;
  }

  /** What the watch of the edge measures every 100 ms. */
  private look(since: number): void {
    if (this.now < this.nextLook) return;
    this.clock.advance(this.now - this.clock.now());
    this.overload.measured(0, this.lost ? 4 * target : this.now - since);
    this.lost = false;
    this.nextLook = this.now + 100;
  }

  private take(octets: Buffer, flow: SimulatedFlow): void {
    const before = process.cpuUsage();
    if (!this.shedder.shedUnread(octets, this.heads)) {
      const message = unwrap(parseSipMessage(octets, { codec: nodeBytes }));
      this.edge.service.core.observer.onMessage(stamped(message, flow), flow);
    }
    const { user, system } = process.cpuUsage(before);
    this.now += (user + system) / 1000;
  }

  private hear(status: number, text: string): void {
    const callId = /Call-ID: (\d+)/.exec(text)?.[1];
    if (status < 200 || callId === undefined || this.final.has(Number(callId))) return;
    this.final.add(Number(callId));
    if (status === 200) this.delivered++;
    else this.refused++;
    this.onFinal();
  }
}

function stamped(message: SipMessage, flow: SimulatedFlow): SipMessage {
  return message.kind === 'request' ? stampSource(message, flow.remote) : message;
}

function text(method: string, serial: number, fields: string, content = ''): string {
  const [uri, from, to] =
    method === 'REGISTER' ? ['sip:localhost', 'bob', 'bob'] : ['sip:bob@localhost', 'alice', 'bob'];
  return (
    `${method} ${uri} SIP/2.0\r\nCall-ID: ${serial}\r\nVia: SIP/2.0/UDP 127.0.0.1:40001;rport;branch=z9hG4bK${method}${serial}\r\n` +
    `Max-Forwards: 70\r\nFrom: <sip:${from}@localhost>;tag=t\r\nTo: <sip:${to}@localhost>\r\nCSeq: 1 ${method}\r\n${fields}` +
    `Content-Length: ${content.length}\r\n\r\n${content}`
  );
}

function messageText(serial: number): Buffer {
  return Buffer.from(text('MESSAGE', serial, 'Content-Type: text/plain\r\n', body));
}

function deviceAnswer(octets: Buffer): Buffer {
  const fields = octets
    .toString('latin1', octets.indexOf('\r\n'), octets.indexOf('\r\n\r\n'))
    .replace(/\r\nContent-[^\r]*/g, '');
  return Buffer.from(`SIP/2.0 200 OK${fields}\r\nContent-Length: 0\r\n\r\n`, 'latin1');
}

/** Messages a millisecond with 200 under way at a time: the best. */
async function best(): Promise<number> {
  await using port = await Port.open(false);
  let serial = 0;
  port.onFinal = () => {
    port.arrive(messageText(++serial), port.caller, port.now);
  };
  for (let i = 0; i < 200; i++) port.onFinal();
  while (port.delivered < 10_000) port.step(Infinity);
  const [from, before] = [port.now, port.delivered];
  while (port.delivered < 30_000) port.step(Infinity);
  return (port.delivered - before) / (port.now - from);
}

/** Messages delivered a millisecond at a rate offered, once the first seconds are over. */
async function offered(rate: number, cares: boolean): Promise<string> {
  await using port = await Port.open(cares);
  const repeats: { readonly serial: number; readonly first: number; at: number; interval: number }[][] = [];
  let serial = 0;
  const [warm, end] = [5_000, 12_000];
  let before = 0;
  const repeatIn = (entry: (typeof repeats)[number][number]): void => {
    (repeats[Math.floor(entry.at / 10)] ??= []).push(entry);
  };
  let slot = 0;
  const begun = port.now;
  while (port.now - begun < end) {
    const now = port.now - begun;
    if (before === 0 && now >= warm) before = port.delivered;
    for (; serial < now * rate;) {
      port.arrive(messageText(++serial), port.caller, port.now);
      repeatIn({ serial, first: now, at: now + t1, interval: t1 });
    }
    for (; slot < Math.floor(now / 10); slot++) {
      for (const entry of repeats[slot] ?? []) {
        if (port.final.has(entry.serial) || entry.at - entry.first >= timerF) continue;
        port.arrive(messageText(entry.serial), port.caller, port.now);
        const interval = Math.min(t2, 2 * entry.interval);
        repeatIn({ ...entry, at: entry.at + interval, interval });
      }
      repeats[slot] = [];
    }
    port.step(begun + Math.min(end, (serial + 1) / rate));
  }
  const perSecond = (port.delivered - before) / (end - warm);
  return `${(perSecond * 1000).toFixed(0).padStart(6)}/s  of the best ${((perSecond / rate) * times).toFixed(2)}  503 ${port.refused}`;
}

const rate = await best();
console.log(`best                     ${(rate * 1000).toFixed(0).padStart(6)}/s`);
console.log(`${times} times, ${target} ms          ${await offered(times * rate, true)}`);
console.log(`${times} times, without care     ${await offered(times * rate, false)}`);
process.exit();
