import { listenTcp } from '@parley/sip-stack/node';
import { startInnerEdge } from './inner-edge.ts';
import type { InnerEdge } from './inner-edge.ts';
import type { Arrival } from './simulated-streams.ts';
import { SimulatedStreams } from './simulated-streams.ts';

const body = 'x'.repeat(100);
const firstPort = 20_000;
let serial = 0;

/** The users of one edge, each over a connection of his own, and their devices, which do as little as they can. */
export class Street implements AsyncDisposable {
  private readonly edge: InnerEdge;
  private readonly users: number;
  private readonly streams: SimulatedStreams;
  private accepted = 0;

  private constructor(edge: InnerEdge, users: number, streams: SimulatedStreams) {
    this.edge = edge;
    this.users = users;
    this.streams = streams;
  }

  /** An edge, and so many users who are registered with it. */
  static async build(users: number): Promise<Street> {
    const edge = await startInnerEdge({ PARLEY_AUTH: 'none' });
    const { accountsDesk, observer } = edge.service.core;
    await accountsDesk.makeAbsent(Array.from({ length: users }, (_, i) => ({ name: `u${i}`, password: 'secret' })));
    const streams = new SimulatedStreams();
    await listenTcp({ host: '127.0.0.1', port: 5060 }, { observer, native: streams.native });
    const street = new Street(edge, users, streams);
    await street.registerAll();
    return street;
  }

  /** Every second user writes to one of the others, who answers, one message at a time; gives microseconds for each. */
  run(messages: number): number {
    this.accepted = 0;
    let spent = 0;
    let next = this.firsts(0);
    for (let turn = 0; next.length > 0; turn++) {
      spent += this.streams.turn(next);
      // Half of the pairs are a turn behind the others, so that requests and responses come together.
      next = this.replies(this.accepted < messages).concat(turn === 0 ? this.firsts(1) : []);
    }
    return spent / this.accepted;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.edge[Symbol.asyncDispose]();
  }

  private async registerAll(): Promise<void> {
    for (let user = 0; user < this.users; user++) {
      const slot = this.streams.connect(firstPort + user);
      const contact = `Contact: <sip:u${user}@127.0.0.1:${firstPort + user};transport=tcp>`;
      this.streams.turn([{ slot, octets: request('REGISTER', 'sip:localhost', user, user, [contact]) }]);
    }
    for (let tries = 0; this.accepted < this.users; tries++) {
      if (tries > 10_000) throw new Error(`${this.accepted} of ${this.users} registered`);
      await new Promise((resolve) => setImmediate(resolve));
      this.replies(false);
    }
  }

  private firsts(half: number): Arrival[] {
    const senders = Array.from({ length: this.users / 2 }, (_, i) => 2 * i).filter((_, i) => i % 2 === half);
    return senders.map((slot) => this.message(slot));
  }

  /** What devices do with what they got: 200 to a message, another message when one was answered. */
  private replies(goesOn: boolean): Arrival[] {
    const replies: Arrival[] = [];
    for (const { slot, octets } of this.streams.take()) {
      for (const head of octets.toString('latin1').split('\r\n\r\n')) {
        // A body stands before what follows it.
        const at = head.startsWith(body) ? body.length : 0;
        if (head.startsWith('MESSAGE ', at)) replies.push({ slot, octets: okTo(head) });
        else if (head.startsWith('SIP/2.0 200', at)) {
          this.accepted++;
          if (goesOn) replies.push(this.message(slot));
        } else if (head.length > at) throw new Error(head);
      }
    }
    return replies;
  }

  private message(slot: number): Arrival {
    const to = (slot + 34 * (serial % 97) + 1) % this.users;
    return { slot, octets: request('MESSAGE', `sip:u${to}@localhost`, slot, to, ['Content-Type: text/plain'], body) };
  }
}

/** A message from one user to another, as a device writes it. */
export function someMessage(): Buffer {
  return request('MESSAGE', 'sip:u1@localhost', 0, 1, ['Content-Type: text/plain'], body);
}

function request(method: string, uri: string, from: number, to: number, lines: string[], content = ''): Buffer {
  const id = (++serial).toString(36).padStart(8, '0');
  const head = [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/TCP 127.0.0.1:${firstPort + from};branch=z9hG4bK-${id};rport`,
    'Max-Forwards: 70',
    `From: <sip:u${from}@localhost>;tag=${id}`,
    `To: <sip:u${to}@localhost>`,
    `Call-ID: ${id}@127.0.0.1`,
    `CSeq: ${serial} ${method}`,
    ...lines,
    `Content-Length: ${content.length}`,
  ].join('\r\n');
  return Buffer.from(`${head}\r\n\r\n${content}`, 'latin1');
}

const copied = /^(?:Via|From|To|Call-ID|CSeq): .*\r\n/gm;

/** What a device answers to the head of a request, the last line break left out. */
export function okTo(head: string): Buffer {
  const lines = (head.match(copied) ?? []).map((line) => line.replace(/^(To:.*)/, '$1;tag=d'));
  return Buffer.from(`SIP/2.0 200 OK\r\n${lines.join('')}Content-Length: 0\r\n\r\n`, 'latin1');
}
