import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { once } from 'node:events';
import { createSipFramer, readRaw, readRawAll } from '@parley/sip';
import type { SipMessage, SipRequest, SipResponse } from '@parley/sip';
import { parseSipMessage } from '@parley/sip';
import { answerTo } from './digest.ts';

/** Where octets go, and from where they come. */
interface Wire {
  readonly transport: 'UDP' | 'TCP';
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

let serial = 0;

/** A SIP client of raw text: it sends what a test writes, and does nothing by itself. */
export class Phone implements AsyncDisposable {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
  private wire!: Wire;
  private readonly inbox: SipMessage[] = [];
  private readonly waiting: ((message: SipMessage) => void)[] = [];
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
    const phone = new Phone(user, password, domain);
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const framer = createSipFramer();
    socket.on('data', (bytes: Buffer) => {
      for (const event of framer.push(bytes)) if (event.kind === 'message') phone.deliver(event.message);
    });
    socket.on('error', () => {});
    phone.closed = new Promise((resolve) => socket.once('close', resolve));
    phone.wire = {
      transport: 'TCP',
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

  /** Sends a request and gives the next response that is not provisional. */
  async ask(method: string, uri: string, options?: RequestOptions): Promise<SipResponse> {
    this.send(this.write(method, uri, options));
    return await this.final();
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

  /** The next message, whatever it is. */
  async next(): Promise<SipMessage> {
    const [first] = this.inbox.splice(0, 1);
    if (first !== undefined) return first;
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${this.user} waited in vain for a message`));
      }, 15_000);
      this.waiting.push((message) => {
        clearTimeout(timer);
        resolve(message);
      });
    });
  }

  /** The next request; responses before it are skipped. */
  async incoming(): Promise<SipRequest> {
    for (;;) {
      const message = await this.next();
      if (message.kind === 'request') return message;
    }
  }

  /** The next final response. Requests before it are kept over TCP; over UDP they may be repetitions, and are skipped. */
  async final(): Promise<SipResponse> {
    const kept: SipMessage[] = [];
    for (;;) {
      const message = await this.next();
      if (message.kind === 'response' && message.statusCode >= 200) {
        this.inbox.unshift(...kept);
        return message;
      }
      if (message.kind === 'request' && this.wire.transport === 'TCP') kept.push(message);
    }
  }

  /** Messages that nobody has asked for yet. */
  get unread(): number {
    return this.inbox.length;
  }

  /** Answers a request that came. */
  answer(request: SipRequest, status: number, phrase = 'Because', fields: readonly string[] = [], body = ''): void {
    const copied = ['Via', 'From', 'Call-ID', 'CSeq', 'Record-Route'].flatMap((name) =>
      readRawAll(request, name).map((value) => `${name}: ${value}`),
    );
    const to = readRaw(request, 'To') ?? '';
    const tagged = to.includes(';tag=') ? to : `${to};tag=to-${this.user}`;
    const lines = [`SIP/2.0 ${status} ${phrase}`, ...copied, `To: ${tagged}`, ...fields];
    this.send(`${lines.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
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

  private take(datagram: Buffer): void {
    const parsed = parseSipMessage(datagram);
    if (parsed.ok) this.deliver(parsed.value);
  }

  private deliver(message: SipMessage): void {
    if (message.kind === 'response' && message.statusCode >= 300) this.acknowledge(message);
    const waiter = this.waiting.shift();
    if (waiter === undefined) this.inbox.push(message);
    else waiter(message);
  }
}
