import type { RemoteInfo, Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** How a {@link startFaultyRelay} treats every tenth message; `forge` answers without delivering, `forget` without storing. */
export type RelayFault = 'none' | 'forge' | 'forget' | 'double' | 'repeat' | 'damage' | 'refuse' | 'swap';

/** A relay over UDP that does one thing wrong, to see whether the generator notices. */
export interface FaultyRelay extends AsyncDisposable {
  readonly port: number;
}

/** Registers whoever asks, forwards every MESSAGE to its To or stores it, with the fault; no digest, no retransmission. */
export async function startFaultyRelay(fault: RelayFault): Promise<FaultyRelay> {
  const socket = createSocket('udp4');
  const relay = new Relay(socket, fault);
  socket.on('message', (datagram, from) => {
    relay.take(datagram.toString('latin1'), from);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

class Relay {
  private readonly ports = new Map<string, number>();
  private readonly seen = new Set<string>();
  private readonly stored = new Map<string, string[]>();
  private messages = 0;
  private readonly socket: Socket;
  private readonly fault: RelayFault;

  constructor(socket: Socket, fault: RelayFault) {
    this.socket = socket;
    this.fault = fault;
  }

  take(text: string, { port }: RemoteInfo): void {
    if (text.startsWith('SIP/2.0')) this.back(text);
    else if (text.startsWith('REGISTER')) {
      this.send(answer(text, '200 OK'), port);
      this.register(userOf(text), port, /^Expires: 0\r/m.test(text));
    } else if (!this.seen.has(viaOf(text))) {
      this.seen.add(viaOf(text)); // a retransmission is no further message
      this.message(text, port);
    }
  }

  private register(user: string, port: number, ends: boolean): void {
    if (ends) this.ports.delete(user);
    else this.ports.set(user, port);
    for (const text of this.stored.get(user) ?? []) this.message(text, port);
    this.stored.delete(user);
  }

  private store(text: string, port: number): void {
    const forgotten = this.fault === 'forget' && ++this.messages % 10 === 0;
    if (!forgotten) this.stored.set(userOf(text), [...(this.stored.get(userOf(text)) ?? []), text]);
    this.send(answer(text, '202 Accepted'), port);
  }

  private message(text: string, port: number): void {
    const to = this.ports.get(userOf(text));
    if (to === undefined) {
      this.store(text, port);
      return;
    }
    const faulty = ++this.messages % 10 === 0;
    const branch = `z9hG4bK-relay-${this.messages}`;
    const forward = (mark = branch, what = text): void => {
      this.send(through(what, mark), to);
    };
    if (!faulty || this.fault === 'none' || this.fault === 'forget') forward();
    else if (this.fault === 'forge') this.send(answer(text, '200 OK'), port);
    else if (this.fault === 'refuse') this.send(answer(text, '500 Server Internal Error'), port);
    else if (this.fault === 'damage') forward(branch, `${text.slice(0, -1)}!`);
    else if (this.fault === 'swap') this.hold(text, port, forward);
    else {
      forward();
      forward(this.fault === 'double' ? `${branch}-again` : branch);
    }
  }

  /** Promises delivery, and delivers behind later messages. */
  private hold(text: string, port: number, forward: () => void): void {
    this.send(answer(text, '200 OK'), port);
    setTimeout(forward, 100);
  }

  private back(text: string): void {
    const rest = text.replace(/^Via: .*\r\n/m, '');
    const port = /^Via: .*?:(\d+)/m.exec(rest)?.[1];
    this.send(rest, Number(port));
  }

  private send(text: string, port: number): void {
    this.socket.send(text, port, '127.0.0.1');
  }
}

function viaOf(text: string): string {
  return /^Via: (.*)/m.exec(text)?.[1] ?? '';
}

function userOf(text: string): string {
  return /^To: <sip:(\w+)@/m.exec(text)?.[1] ?? '';
}

function through(request: string, branch: string): string {
  return request.replace('\r\n', `\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=${branch}\r\n`);
}

function answer(request: string, status: string): string {
  const kept = request.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
  const lines = kept.map((line) => (line.startsWith('To:') ? `${line};tag=relay` : line));
  return `SIP/2.0 ${status}\r\n${lines.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`;
}
