import { createSocket } from 'node:dgram';
import type { Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createSipFramer, parseSipMessage, readRaw, readRawAll } from '@parley/sip';
import type { SipMessage, SipRequest, SipResponse } from '@parley/sip';

/** Milliseconds until nothing more is expected, however busy the machine. */
const patience = 30_000;

/** A message that came, and the way back. */
interface Arrival {
  readonly message: SipMessage;
  readonly transport: 'UDP' | 'TCP';
  readonly reply: (text: string) => void;
}

/** A request that came to a server of another domain. */
export interface ForeignRequest {
  readonly request: SipRequest;
  readonly transport: 'UDP' | 'TCP';
  readonly answer: (status: number, fields?: readonly string[]) => void;
}

/**
 * The SIP server of another domain: UDP and TCP on one port; it does what a test says. By itself it answers what is
 * repeated over UDP as it did before, for a busy machine repeats.
 */
export class ForeignServer implements AsyncDisposable {
  readonly port: number;
  private readonly udp: UdpSocket;
  private readonly tcp: Server | undefined;
  private readonly connections = new Set<Socket>();
  private readonly inbox: Arrival[] = [];
  /** What came over UDP, by transaction, with the last answer to it. */
  private readonly transactions = new Map<string, string>();
  private readonly waiting: (() => void)[] = [];

  private constructor(udp: UdpSocket, tcp: Server | undefined) {
    this.udp = udp;
    this.tcp = tcp;
    this.port = udp.address().port;
    udp.on('message', (datagram, from) => {
      const parsed = parseSipMessage(datagram);
      const reply = (text: string): void => {
        udp.send(text, from.port, from.address);
      };
      if (parsed.ok && !this.isRepeated(parsed.value, reply)) {
        this.take({ message: parsed.value, transport: 'UDP', reply });
      }
    });
    tcp?.on('connection', (socket) => {
      this.connections.add(socket);
      const framer = createSipFramer();
      socket.on('error', () => {});
      socket.on('data', (bytes: Buffer) => {
        for (const event of framer.push(bytes)) {
          const reply = (text: string): void => void socket.write(text);
          if (event.kind === 'message') this.take({ message: event.message, transport: 'TCP', reply });
        }
      });
    });
  }

  /** @param withTcp - whether it takes connections */
  static async start(withTcp = true): Promise<ForeignServer> {
    for (;;) {
      const udp = createSocket('udp4').bind(0, '127.0.0.1');
      await once(udp, 'listening');
      if (!withTcp) return new ForeignServer(udp, undefined);
      const tcp = createServer().listen(udp.address().port, '127.0.0.1');
      try {
        await once(tcp, 'listening');
        return new ForeignServer(udp, tcp);
      } catch {
        // Somebody else has the number over TCP: another one is tried.
      }
      udp.close();
    }
  }

  /** The next request. */
  async request(): Promise<ForeignRequest> {
    const { message, transport, reply } = await this.next('request');
    if (message.kind !== 'request') throw new Error('expected a request');
    return {
      request: message,
      transport,
      answer: (status, fields = []) => {
        const text = answerText(message, status, fields);
        this.transactions.set(transactionOf(message), text);
        reply(text);
      },
    };
  }

  /** The next final response. */
  async response(): Promise<SipResponse> {
    for (;;) {
      const { message } = await this.next('response');
      if (message.kind === 'response' && message.statusCode >= 200) return message;
    }
  }

  /** Requests that nobody has asked for yet. */
  get unread(): number {
    return this.inbox.filter(({ message }) => message.kind === 'request').length;
  }

  /** Sends text over UDP. */
  send(port: number, text: string): void {
    this.udp.send(text, port, '127.0.0.1');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.connections) socket.destroy();
    this.udp.close();
    if (this.tcp === undefined) return;
    this.tcp.close();
    await once(this.tcp, 'close');
  }

  /** Whether it is a request that came before. @spec RFC 3261 §17.2.2 */
  private isRepeated(message: SipMessage, reply: (text: string) => void): boolean {
    if (message.kind === 'response') return false;
    const transaction = transactionOf(message);
    const answer = this.transactions.get(transaction);
    this.transactions.set(transaction, answer ?? '');
    if (answer !== undefined && answer !== '') reply(answer);
    return answer !== undefined;
  }

  private take(arrival: Arrival): void {
    this.inbox.push(arrival);
    for (const wake of this.waiting.splice(0)) wake();
  }

  private async next(kind: SipMessage['kind']): Promise<Arrival> {
    const until = Date.now() + patience;
    for (;;) {
      const at = this.inbox.findIndex(({ message }) => message.kind === kind);
      const [found] = at === -1 ? [] : this.inbox.splice(at, 1);
      if (found !== undefined) return found;
      if (Date.now() > until) throw new Error(`waited in vain for a ${kind}`);
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
        setTimeout(resolve, 500);
      });
    }
  }
}

function transactionOf(request: SipRequest): string {
  return `${request.method} ${readRaw(request, 'Via') ?? ''}`;
}

function answerText(request: SipRequest, status: number, fields: readonly string[]): string {
  const copied = ['Via', 'From', 'Call-ID', 'CSeq', 'Record-Route'].flatMap((name) =>
    readRawAll(request, name).map((value) => `${name}: ${value}`),
  );
  const to = readRaw(request, 'To') ?? '';
  const tagged = to.includes(';tag=') ? to : `${to};tag=foreign`;
  return `${[`SIP/2.0 ${status} Because`, ...copied, `To: ${tagged}`, ...fields].join('\r\n')}\r\nContent-Length: 0\r\n\r\n`;
}
