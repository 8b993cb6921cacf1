import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { createSipFramer, readRaw, readRawAll } from '@parley/sip';
import type { SipMessage, SipRequest, SipResponse } from '@parley/sip';
import { parseSipMessage } from '@parley/sip';
import { answerTo } from './digest.ts';

/** Where octets go, and from where they come. */
interface Wire {
  readonly transport: 'UDP' | 'TCP' | 'TLS';
  /** Our end, `host:port`. */
  readonly local: string;
  send(text: string | Uint8Array): void;
  close(): Promise<void>;
}

/** What a request of a phone has beyond the least. */
export interface RequestOptions {
  readonly to?: string;
  readonly fields?: readonly string[];
  readonly body?: string;
  /** Overrides of single lines, by name; null leaves the line out. */
  readonly instead?: Readonly<Record<string, string | null>>;
}

/** Somebody who waits for a message, and takes it if it is the one. */
interface Waiter {
  readonly offer: (message: SipMessage) => boolean;
  readonly timer: NodeJS.Timeout;
}

/** Milliseconds until nothing more is expected, however busy the machine. */
const patience = 30_000;

let serial = 0;

/**
 * A SIP client of raw text: it sends what a test writes. By itself it does only what a busy machine makes necessary: it
 * acknowledges refusals, and answers what is repeated over UDP as it did before.
 */
export class Phone implements AsyncDisposable {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
  private wire!: Wire;
  private readonly inbox: SipMessage[] = [];
  private readonly waiting = new Set<Waiter>();
  /** What came over UDP, by transaction, with the last answer to it. */
  private readonly transactions = new Map<string, string>();
  private cSeq = 0;
  readonly callId = `call-${++serial}-${process.pid}`;
  /** Settles when the other side closed the connection. */
  closed = new Promise<unknown>(() => {});

  private constructor(user: string, password: string, domain: string) {
    this.user = user;
    this.password = password;
    this.domain = domain;
  }

  static async udp(port: number, user: string, password = 'secret', domain = 'localhost'): Promise<Phone> {
    const phone = new Phone(user, password, domain);
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('message', (datagram) => {
      phone.take(datagram);
    });
    phone.wire = {
      transport: 'UDP',
      local: `127.0.0.1:${socket.address().port}`,
      send: (text) => {
        socket.send(text);
      },
      close: async () => {
        socket.close();
        await once(socket, 'close');
      },
    };
    return phone;
  }

  static async tcp(port: number, user: string, password = 'secret', domain = 'localhost'): Promise<Phone> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return Phone.over(socket, 'TCP', new Phone(user, password, domain));
  }

  /** Over TLS, whatever the certificate. */
  static async tls(port: number, user: string, password = 'secret', domain = 'localhost'): Promise<Phone> {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    return Phone.over(socket, 'TLS', new Phone(user, password, domain));
  }

  private static over(socket: Socket, transport: Wire['transport'], phone: Phone): Phone {
    const framer = createSipFramer();
    socket.on('data', (bytes: Buffer) => {
      for (const event of framer.push(bytes)) if (event.kind === 'message') phone.deliver(event.message);
    });
    socket.on('error', () => {});
    phone.closed = new Promise((resolve) => socket.once('close', resolve));
    phone.wire = {
      transport,
      local: `127.0.0.1:${socket.localPort ?? 0}`,
      send: (text) => {
        socket.write(text);
      },
      close: async () => {
        if (socket.destroyed) return;
        socket.destroy();
        await phone.closed;
      },
    };
    return phone;
  }

  get local(): string {
    return this.wire.local;
  }

  /** Contact of this socket. */
  get contact(): string {
    return `<sip:${this.user}@${this.local}>`;
  }

  send(text: string | Uint8Array): void {
    this.wire.send(text);
  }

  /** Text of a request. */
  write(method: string, uri: string, { to = uri, fields = [], body = '', instead = {} }: RequestOptions = {}): string {
    const lines: Record<string, string> = {
      Via: `SIP/2.0/${this.wire.transport} ${this.local};rport;branch=z9hG4bK${++serial}`,
      From: `<sip:${this.user}@${this.domain}>;tag=from-${this.user}`,
      To: to.startsWith('<') ? to : `<${to}>`,
      'Call-ID': this.callId,
      CSeq: instead['CSeq'] ?? `${++this.cSeq} ${method}`,
      'Max-Forwards': '70',
    };
    const all = Object.entries(lines).flatMap(([name, value]) => {
      const other = instead[name];
      return other === null ? [] : [`${name}: ${other ?? value}`];
    });
    const length = `Content-Length: ${Buffer.byteLength(body)}`;
    return `${[`${method} ${uri} SIP/2.0`, ...all, ...fields, length].join('\r\n')}\r\n\r\n${body}`;
  }

  /** Sends a request and gives its final response. */
  ask(method: string, uri: string, options?: RequestOptions): Promise<SipResponse> {
    const text = this.write(method, uri, options);
    const cSeq = /^CSeq: (.*)\r$/m.exec(text)?.[1];
    this.send(text);
    return this.next(
      (message): message is SipResponse =>
        isFinal(message) && (cSeq === undefined || readRaw(message, 'CSeq') === cSeq),
    );
  }

  /** {@link ask}, and once more with credentials when challenged. */
  async request(
    method: string,
    uri: string,
    options: RequestOptions = {},
    algorithm = 'SHA-256',
  ): Promise<SipResponse> {
    const first = await this.ask(method, uri, options);
    if (first.statusCode !== 401 && first.statusCode !== 407) return first;
    const login = { username: this.user, password: this.password };
    const line = answerTo(first, method, uri, login, { algorithm });
    return await this.ask(method, uri, { ...options, fields: [...(options.fields ?? []), line] });
  }

  register(contact = `${this.contact};expires=600`, fields: readonly string[] = []): Promise<SipResponse> {
    const to = `sip:${this.user}@${this.domain}`;
    return this.request('REGISTER', `sip:${this.domain}`, { to, fields: [`Contact: ${contact}`, ...fields] });
  }

  message(to: string, body = 'hello', fields: readonly string[] = []): Promise<SipResponse> {
    return this.request('MESSAGE', to, { body, fields: ['Content-Type: text/plain', ...fields] });
  }

  /** The next request. */
  incoming(): Promise<SipRequest> {
    return this.next((message) => message.kind === 'request');
  }

  /** The next final response that {@link ask} does not wait for. */
  final(): Promise<SipResponse> {
    return this.next(isFinal);
  }

  /** Requests that nobody has asked for yet. */
  get unread(): number {
    return this.inbox.filter(({ kind }) => kind === 'request').length;
  }

  /** Answers a request that came. */
  answer(request: SipRequest, status: number, phrase = 'Because', fields: readonly string[] = [], body = ''): void {
    const copied = ['Via', 'From', 'Call-ID', 'CSeq', 'Record-Route'].flatMap((name) =>
      readRawAll(request, name).map((value) => `${name}: ${value}`),
    );
    const to = readRaw(request, 'To') ?? '';
    const tagged = to.includes(';tag=') ? to : `${to};tag=to-${this.user}`;
    const lines = [`SIP/2.0 ${status} ${phrase}`, ...copied, `To: ${tagged}`, ...fields];
    const text = `${lines.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    this.transactions.set(transactionOf(request), text);
    this.send(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { timer } of this.waiting) clearTimeout(timer);
    await this.wire.close();
  }

  /** Ends an INVITE that was refused, so that the refusal is not repeated. @spec RFC 3261 §17.1.1.3 */
  private acknowledge(refusal: SipResponse): void {
    const cSeq = readRaw(refusal, 'CSeq') ?? '';
    if (!cSeq.endsWith(' INVITE')) return;
    const instead = {
      ...Object.fromEntries(['Via', 'From', 'Call-ID'].map((name) => [name, readRaw(refusal, name) ?? ''])),
      CSeq: cSeq.replace('INVITE', 'ACK'),
    };
    const to = readRaw(refusal, 'To') ?? '';
    this.send(this.write('ACK', to.replace(/^.*<|>.*$/g, ''), { to, instead }));
  }

  private next<T extends SipMessage>(isWanted: (message: SipMessage) => message is T): Promise<T> {
    const found = this.inbox.find(isWanted);
    if (found !== undefined) {
      this.inbox.splice(this.inbox.indexOf(found), 1);
      return Promise.resolve(found);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(waiter);
        reject(new Error(`${this.user} waited in vain; it was sent ${this.inbox.map(firstLine).join(', ')}`));
      }, patience);
      const offer = (message: SipMessage): boolean => {
        if (!isWanted(message)) return false;
        clearTimeout(timer);
        this.waiting.delete(waiter);
        resolve(message);
        return true;
      };
      const waiter = { offer, timer };
      this.waiting.add(waiter);
    });
  }

  private take(datagram: Buffer): void {
    const parsed = parseSipMessage(datagram);
    if (parsed.ok && !this.isRepeated(parsed.value)) this.deliver(parsed.value);
  }

  /** Whether it is a request that came before; it is answered as it was then. @spec RFC 3261 §17.2.2 */
  private isRepeated(message: SipMessage): boolean {
    if (message.kind === 'response') return false;
    const transaction = transactionOf(message);
    const answer = this.transactions.get(transaction);
    this.transactions.set(transaction, answer ?? '');
    if (answer !== undefined && answer !== '') this.send(answer);
    return answer !== undefined;
  }

  private deliver(message: SipMessage): void {
    if (message.kind === 'response' && message.statusCode >= 300) this.acknowledge(message);
    const isTaken = [...this.waiting].some(({ offer }) => offer(message));
    if (!isTaken) this.inbox.push(message);
  }
}

function isFinal(message: SipMessage): message is SipResponse {
  return message.kind === 'response' && message.statusCode >= 200;
}

function transactionOf(request: SipRequest): string {
  return `${request.method} ${readRaw(request, 'Via') ?? ''}`;
}

function firstLine(message: SipMessage): string {
  return message.kind === 'request' ? `${message.method} ${message.requestUri}` : String(message.statusCode);
}
