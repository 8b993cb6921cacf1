import { unwrap } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { parseSipMessage } from '@parley/sip';
import type { SipMessage } from '@parley/sip';
import { stampSource } from '@parley/sip-stack';
import { underEdgeOptions } from './edge-options.ts';
import { startInnerEdge } from './inner-edge.ts';
import type { InnerEdge } from './inner-edge.ts';
import { SimulatedFlow } from './simulated-flow.ts';

/*
 * Whether the cost of a message grows with the accounts: the same messages between the same 100 users when they are all who
 * are registered, and among 100,000 who are; and then between any two of those 100,000, which is another traffic: no two
 * messages in succession find anything of theirs in the processor's caches. In turn; and what a binding takes in memory.
 */

underEdgeOptions();
const [few = 100, many = 100_000] = process.argv.slice(2).map(Number);
const rounds = 5;
const perRound = 20_000;
const underWay = 50;

/** An edge and the two connections that all of its users share. */
class Town {
  readonly edge: InnerEdge;
  readonly users: number;
  accepted = 0;
  private serial = 0;
  private unanswered: Buffer[] = [];
  private readonly caller: SimulatedFlow;
  private readonly callee: SimulatedFlow;

  constructor(edge: InnerEdge, users: number) {
    this.edge = edge;
    this.users = users;
    const hear = (octets: Buffer, message: SipMessage): void => {
      if (message.kind === 'request') this.unanswered.push(octets);
      else if (message.statusCode === 200) this.accepted++;
    };
    this.caller = new SimulatedFlow('caller', 40_001, hear);
    this.callee = new SimulatedFlow('callee', 40_002, hear);
  }

  async registerAll(): Promise<void> {
    for (let user = 0; user < this.users; user++) {
      const contact = `Contact: <sip:u${user}@127.0.0.1:40002;transport=tcp>`;
      this.arrive(this.request('REGISTER', 'sip:localhost', user, user, [contact]), this.callee);
      if (user % 500 === 499) await this.settled(user + 1);
    }
    await this.settled(this.users);
    this.accepted = 0;
  }

  /** Messages of one round between the first so many users, made outside the time measured. */
  messages(users: number): readonly Buffer[] {
    return Array.from({ length: perRound }, (_, i) => {
      const to = (i * 7919) % users;
      return this.request('MESSAGE', `sip:u${to}@localhost`, (i * 104_729) % users, to, ['Content-Type: text/plain']);
    });
  }

  /** Microseconds of processor time for each message. */
  run(messages: readonly Buffer[]): number {
    const start = process.cpuUsage();
    for (const octets of messages) {
      this.arrive(octets, this.caller);
      if (this.unanswered.length === underWay) this.answerAll();
    }
    this.answerAll();
    const { user, system } = process.cpuUsage(start);
    if (this.accepted !== messages.length) throw new Error(`${this.accepted} of ${messages.length} delivered`);
    this.accepted = 0;
    return (user + system) / messages.length;
  }

  private answerAll(): void {
    const all = this.unanswered;
    this.unanswered = [];
    for (const octets of all) {
      const head = octets.toString('latin1', octets.indexOf('\r\n'), octets.indexOf('\r\n', octets.indexOf('CSeq: ')));
      this.arrive(Buffer.from(`SIP/2.0 200 OK${head}\r\nContent-Length: 0\r\n\r\n`, 'latin1'), this.callee);
    }
  }

  private async settled(count: number): Promise<void> {
    for (let tries = 0; this.accepted < count; tries++) {
      if (tries > 10_000) throw new Error(`${this.accepted} of ${count} registered`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private arrive(octets: Buffer, flow: SimulatedFlow): void {
    const message = unwrap(parseSipMessage(octets, { codec: nodeBytes }));
    const { observer } = this.edge.service.core;
    observer.onMessage(message.kind === 'request' ? stampSource(message, flow.remote) : message, flow);
  }

  private request(method: string, uri: string, from: number, to: number, lines: readonly string[]): Buffer {
    const id = ++this.serial;
    return Buffer.from(
      [
        `${method} ${uri} SIP/2.0`,
        `Via: SIP/2.0/TCP 127.0.0.1:40001;rport;branch=z9hG4bK${id}`,
        'Max-Forwards: 70',
        `From: <sip:u${from}@localhost>;tag=t${id}`,
        `To: <sip:u${to}@localhost>`,
        `Call-ID: call${id}@127.0.0.1`,
        `CSeq: ${id} ${method}`,
        ...lines,
        'Content-Length: 0',
        '\r\n',
      ].join('\r\n'),
    );
  }
}

async function build(users: number): Promise<Town> {
  const edge = await startInnerEdge({ PARLEY_AUTH: 'none' });
  await edge.service.core.accountsDesk.makeAbsent(
    Array.from({ length: users }, (_, i) => ({ name: `u${i}`, password: 'secret' })),
  );
  const town = new Town(edge, users);
  const before = process.memoryUsage().heapUsed;
  await town.registerAll();
  globalThis.gc?.();
  const each = (process.memoryUsage().heapUsed - before) / users / 1024;
  if (globalThis.gc !== undefined) console.log(`${users} bindings: ${each.toFixed(1)} KiB of heap each`);
  return town;
}

const small = await build(few);
const large = await build(many);
/** The best of what was seen of each traffic, in microseconds. */
const traffics = [
  { town: small, users: few, best: Infinity },
  { town: large, users: few, best: Infinity },
  { town: large, users: many, best: Infinity },
];
for (let round = 0; round < rounds; round++)
  for (const each of traffics) each.best = Math.min(each.best, each.town.run(each.town.messages(each.users)));
const [alone = NaN] = traffics.map(({ best }) => best);
for (const { town, users, best } of traffics)
  console.log(
    `${town.users} bindings, messages between ${users}: ${best.toFixed(1)} µs, ratio ${(best / alone).toFixed(2)}`,
  );
for (const { edge } of [small, large]) await edge[Symbol.asyncDispose]();
