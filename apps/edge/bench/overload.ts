import { unwrap } from '@parley/prelude';
import { nodeBytes, systemRandom } from '@parley/service';
import { parseSipMessage } from '@parley/sip';
import { stampSource } from '@parley/sip-stack';
import { SimulatedClock } from '@parley/testing';
import { LoadShedder } from '../src/actors/entry/load-shedder.ts';
import { leastLetIn, partLetIn } from '../src/overload/admission.ts';
import { highestBesideThinning } from '../src/overload/load-control.ts';
import { worthWatching } from '../src/overload/load-watch.ts';
import { Overload } from '../src/overload/overload.ts';
import { QueueTime } from '../src/overload/queue-time.ts';
import { startInnerEdge } from './inner-edge.ts';
import { SimulatedFlow } from './simulated-flow.ts';

/*
 * What is still delivered at a multiple of the load that an edge can take, over a simulated UDP port: a queue of the kernel that
 * holds so many datagrams, senders that repeat by Timers E and F (RFC 3261 §17.1.2.2) and keep to their schedule whatever is
 * answered. What it costs to serve and to refuse is measured first, as processor time of many in a row; then time is
 * simulated, so that it does not matter who else uses the machine.
 */

/** Times the load that it can take. */
const times = Number(process.argv[2] ?? 2);
/** How many times slower the processor is, or how small its part of one. */
const slowness = Number(process.argv[4] ?? 1);
/** Milliseconds of the system for one datagram each way: 0.002 by the add-on, 0.008 by plain sockets. */
const systemCost = Number(process.argv[3] ?? 0.002) * slowness;
/** Datagrams that fit into 4 MiB of the kernel. */
const room = 3_600;
/** Milliseconds that a device takes to answer. */
const deviceTime = 1;
const target = 200;
const body = 'x'.repeat(100);
const [t1, t2, timerF] = [500, 4_000, 32_000];
/** Part of what serving costs that is spent on the request; the rest goes to its answer. */
const requestPart = 0.65;

/** Milliseconds of processor time. */
interface Costs {
  readonly serve: number;
  readonly refuse: number;
}

function text(method: string, serial: number, fields: string, content = ''): Buffer {
  const [uri, from] = method === 'REGISTER' ? ['sip:localhost', 'bob'] : ['sip:bob@localhost', 'alice'];
  return Buffer.from(
    `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:40001;rport;branch=z9hG4bK${method}${serial}\r\n` +
      `Max-Forwards: 70\r\nFrom: <sip:${from}@localhost>;tag=t\r\nTo: <sip:bob@localhost>\r\nCall-ID: ${serial}\r\n` +
      `CSeq: 1 ${method}\r\n${fields}Content-Length: ${content.length}\r\n\r\n${content}`,
  );
}

function messages(count: number): Buffer[] {
  return Array.from({ length: count }, (_, serial) => text('MESSAGE', serial, 'Content-Type: text/plain\r\n', body));
}

function deviceAnswer(octets: Buffer): Buffer {
  const end = octets.indexOf('\r\nContent-Type');
  return Buffer.from(
    `SIP/2.0 200 OK${octets.toString('latin1', octets.indexOf('\r\n'), end)}\r\nContent-Length: 0\r\n\r\n`,
  );
}

/** Least milliseconds of each call of `run` over several rounds. */
function costOf(count: number, run: () => void): number {
  let least = Infinity;
  for (let round = 0; round < 6; round++) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000 / count);
  }
  return least;
}

async function serveCost(): Promise<number> {
  await using edge = await startInnerEdge({ PARLEY_AUTH: 'none' });
  const arrive = (octets: Buffer, flow: SimulatedFlow): void => {
    const message = unwrap(parseSipMessage(octets, { codec: nodeBytes }));
    const stamped = message.kind === 'request' ? stampSource(message, flow.remote) : message;
    edge.service.core.observer.onMessage(stamped, flow);
  };
  const waiting: Buffer[] = [];
  const caller = new SimulatedFlow('caller', 40_001, () => {});
  const callee = new SimulatedFlow('callee', 40_002, (octets, { kind }) => {
    if (kind === 'request') waiting.push(octets);
  });
  arrive(text('REGISTER', 0, 'Contact: <sip:bob@127.0.0.1:40002;transport=tcp>;expires=3600\r\n'), callee);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const all = messages(20_000);
  return costOf(all.length, () => {
    for (const octets of all) {
      arrive(octets, caller);
      if (waiting.length === 50) for (const came of waiting.splice(0)) arrive(deviceAnswer(came), callee);
    }
  });
}

function refuseCost(): number {
  const clock = new SimulatedClock();
  const overload = new Overload({ clock, random: systemRandom, target });
  for (let i = 0; i < 100; i++) {
    clock.advance(100);
    overload.measured(0, 50 * target);
  }
  const slab = Buffer.alloc(2048);
  const flow = {
    remote: { address: '127.0.0.1', port: 40_001 },
    sendHead: (head: string) => void slab.write(head, 0, 'latin1'),
  };
  const shedder = new LoadShedder({
    overload,
    layer: { hasSeen: () => false },
    responder: { reply() {} },
    telemetry: { request() {}, response() {} },
    seed: 7,
  });
  const all = messages(20_000);
  return costOf(all.length, () => {
    for (const octets of all) shedder.shedUnread(octets, flow);
  });
}

interface Datagram {
  /** `answer` is that of a device, `probe` one to itself. */
  readonly kind: 'request' | 'answer' | 'probe';
  readonly serial: number;
  readonly at: number;
}

interface Repeat extends Datagram {
  readonly first: number;
  readonly interval: number;
}

/** What becomes of a message; one that was accepted is not refused when it comes again. */
type Fate = 'accepted' | 'delivered' | 'refused';

/** An edge of these costs behind a queue, at a rate offered (a millisecond). */
class Port {
  private now = 0;
  private delivered = 0;
  private readonly clock = new SimulatedClock();
  private readonly overload: Overload;
  private readonly costs: Costs;
  /** Whether the kernel can be told to let in less. */
  private readonly thins: boolean;
  private readonly fates = new Map<number, Fate>();
  private readonly queue: Datagram[] = [];
  private head = 0;
  /** Answers of devices that are on their way. */
  private readonly answers: Datagram[] = [];
  private nextAnswer = 0;
  /** By tens of milliseconds. */
  private readonly repeats: Repeat[][] = [];
  private nextLook = 0;
  private fillBefore = 0;
  private readonly probe = {
    isUnderway: false,
    waited: 0,
    send: (): void => {
      this.probe.isUnderway = true;
      this.arrive({ kind: 'probe', serial: 0, at: this.now });
    },
    delay: (): number => this.probe.waited,
  };
  private readonly queueTime = new QueueTime({
    clock: { now: () => this.now },
    probe: this.probe,
    target: { host: '', port: 0 },
    delay: target,
  });
  /** Whether the kernel has thrown something away. */
  private lost = false;
  /** Part of the requests that the kernel lets in. */
  private part = 1;

  constructor(costs: Costs, care: number, thins: boolean) {
    this.costs = costs;
    this.thins = thins;
    this.overload = new Overload({ clock: this.clock, random: systemRandom, target: care });
  }

  /** Messages delivered a millisecond, once the first seconds are over. */
  offer(rate: number): number {
    const [warm, end] = [5_000, 12_000];
    let [serial, slot, before] = [0, 0, 0];
    while (this.now < end) {
      if (before === 0 && this.now >= warm) before = this.delivered;
      for (; serial < this.now * rate; serial++)
        this.send({ kind: 'request', serial, at: this.now, first: this.now, interval: t1 });
      for (; slot < Math.floor(this.now / 10); slot++) for (const entry of this.repeats[slot] ?? []) this.repeat(entry);
      this.look();
      this.step((serial + 1) / rate);
    }
    return (this.delivered - before) / (end - warm);
  }

  private arrive(datagram: Datagram): void {
    if (datagram.kind === 'request' && this.part < 1 && this.overload.uniform() >= this.part) return;
    if (this.queue.length - this.head < room) this.queue.push(datagram);
    else this.lost = true;
  }

  /** A request, which comes again until it is answered; or ours to a device. */
  private send(entry: Repeat): void {
    this.arrive({ kind: entry.kind, serial: entry.serial, at: this.now });
    const at = this.now + entry.interval;
    (this.repeats[Math.floor(at / 10)] ??= []).push({ ...entry, at, interval: Math.min(t2, 2 * entry.interval) });
  }

  private repeat(entry: Repeat): void {
    const fate = this.fates.get(entry.serial);
    if (fate === 'delivered' || fate === 'refused' || entry.at - entry.first >= timerF) return;
    if (entry.kind === 'answer') this.now += systemCost;
    this.send(entry);
  }

  /** Takes what is next, or waits until something comes. */
  private step(until: number): void {
    for (
      let due = this.answers[this.nextAnswer];
      due !== undefined && due.at <= this.now;
      due = this.answers[this.nextAnswer]
    ) {
      this.nextAnswer++;
      this.send({ ...due, first: due.at, interval: t1 });
    }
    const next = this.queue[this.head];
    if (next === undefined) {
      this.now = Math.max(this.now, Math.min(until, this.answers[this.nextAnswer]?.at ?? until, this.nextLook));
      return;
    }
    if (++this.head > 20_000) {
      this.queue.splice(0, this.head);
      this.head = 0;
    }
    this.now += systemCost;
    if (next.kind === 'probe') {
      this.probe.isUnderway = false;
      this.probe.waited = this.now - next.at;
    } else if (next.kind === 'answer') this.takeAnswer(next.serial);
    else this.take(next.serial);
  }

  private takeAnswer(serial: number): void {
    if (this.fates.get(serial) === 'delivered') return;
    this.now += (1 - requestPart) * this.costs.serve + systemCost;
    this.fates.set(serial, 'delivered');
    this.delivered++;
  }

  private take(serial: number): void {
    const { serve, refuse } = this.costs;
    const isNew = this.fates.get(serial) === undefined;
    const isRefused = isNew && this.overload.fateOfKind('message', true, false).kind === 'refuse';
    this.now += isRefused || !isNew ? refuse : requestPart * serve;
    if (isRefused || isNew) this.now += systemCost;
    if (!isNew) return;
    this.fates.set(serial, isRefused ? 'refused' : 'accepted');
    if (!isRefused) this.answers.push({ kind: 'answer', serial, at: this.now + deviceTime });
  }

  /** What the watch of the edge measures: how full the queue is. */
  private look(): void {
    if (this.now < this.nextLook) return;
    this.clock.advance(this.now - this.clock.now());
    const fullness = this.lost ? 2 : (this.queue.length - this.head) / room;
    const fill =
      this.thins && fullness > worthWatching && fullness <= 1 ? Math.min(1, this.queueTime.taken(fullness)) : fullness;
    if (this.thins) this.part = partLetIn(this.part, fill, fullness < this.fillBefore);
    this.fillBefore = fullness;
    const most = this.thins && this.part > leastLetIn ? highestBesideThinning : undefined;
    this.overload.queueMeasured(2 * (this.part < 1 ? Math.max(1, fill) : fill) * target, most);
    this.lost = false;
    this.nextLook = this.now + 10;
  }
}

const costs: Costs = { serve: slowness * (await serveCost()), refuse: slowness * refuseCost() };
const best = 1 / (costs.serve + 4 * systemCost);
const micros = (cost: number): string => (cost * 1000).toFixed(1);
console.log(
  `a message ${micros(costs.serve)} µs, a refusal ${micros(costs.refuse)} µs, the system ${micros(systemCost)} µs`,
);
const show = (name: string, rate: number): void => {
  console.log(`${name.padEnd(24)} ${(rate * 1000).toFixed(0).padStart(6)}/s  of the best ${(rate / best).toFixed(2)}`);
};
show('best', best);
show(`${times} times, ${target} ms`, new Port(costs, target, true).offer(times * best));
show(`${times} times, all answered`, new Port(costs, target, false).offer(times * best));
show(`${times} times, without care`, new Port(costs, 0, false).offer(times * best));
process.exit();
