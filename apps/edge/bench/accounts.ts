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
 * Whether the cost of a message grows with the accounts: the same messages between any two of 100, and of 100,000 users who
 * are registered, in turn; and what a binding takes in memory.
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

  /** Messages of one round, made outside the time measured. */
  messages(): readonly Buffer[] {
    return Array.from({ length: perRound }, (_, i) => {
      const to = (i * 7919) % this.users;
      return this.request('MESSAGE', `sip:u${to}@localhost`, (i * 104_729) % this.users, to, [
        'Content-Type: text/plain',
      ]);
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

const towns = [await build(few), await build(many)];
const best = towns.map(() => Infinity);
for (let round = 0; round < rounds; round++)
  for (const [i, town] of towns.entries()) best[i] = Math.min(best[i] ?? Infinity, town.run(town.messages()));
const [ofFew = NaN, ofMany = NaN] = best;
console.log(
  `${few} bindings ${ofFew.toFixed(1)} µs a message, ${many} bindings ${ofMany.toFixed(1)} µs: ratio ${(ofMany / ofFew).toFixed(2)}`,
);
for (const { edge } of towns) await edge[Symbol.asyncDispose]();
