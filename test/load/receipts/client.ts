import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createSipFramer, readRaw, readRawAll } from '@parley/sip';
import type { SipMessage, SipRequest } from '@parley/sip';

/** Milliseconds. */
const pauses = { reconnect: 100, answer: 15_000, again: 500 };

/** A request as a client writes it, but for what a transaction has. */
export interface Wish {
  readonly method: 'MESSAGE' | 'REGISTER';
  readonly uri: string;
  readonly to: string;
  readonly callId: string;
  readonly cSeq: number;
  readonly lines: readonly string[];
  readonly body: string;
}

/** Where a client connects: in this order, then again. */
export type Ports = () => readonly number[];

const wait = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

let serial = 0;

/**
 * A user agent that survives its servers: over TCP to whichever edge takes it, registered while it is on, and each request
 * is sent again, by the same names, until something final comes of it.
 */
export class Client {
  readonly account: string;
  private readonly ports: Ports;
  private readonly hear: (request: SipRequest) => number;
  private readonly waiting = new Map<string, (status: number) => void>();
  private socket: Socket | undefined;
  private connecting: Promise<Socket> | undefined;
  private isOn = false;
  private registers = 0;

  /** @param hear - takes a MESSAGE and says with what it is answered */
  constructor(account: string, ports: Ports, hear: (request: SipRequest) => number) {
    this.account = account;
    this.ports = ports;
    this.hear = hear;
  }

  get address(): string {
    return `sip:${this.account}@localhost`;
  }

  /** Registers, and again whenever the connection was lost. Resolves at the first 200. */
  async on(): Promise<void> {
    if (this.isOn) return;
    this.isOn = true;
    await this.register();
  }

  /** Goes away without a word. */
  off(): void {
    this.isOn = false;
    this.socket?.destroy();
  }

  /** The final status of a request, repeated while it is 480 and less, or 5xx. */
  async send(wish: Wish): Promise<number> {
    for (;;) {
      const status = await this.sendOnce(wish);
      if (status < 400 || (status < 500 && status !== 408 && status !== 480 && status !== 482)) return status;
      if (status >= 600) return status;
      await wait(pauses.again);
    }
  }

  private async register(): Promise<void> {
    const wish = { method: 'REGISTER', uri: 'sip:localhost', to: this.address, callId: `r-${this.account}` } as const;
    while (this.isOn) {
      const socket = await this.connected();
      const contact = `<sip:${this.account}@127.0.0.1:${socket.localPort};transport=tcp>;+sip.instance="<urn:${this.account}>"`;
      const lines = [`Contact: ${contact};expires=3600`];
      const status = await this.sendOnce({ ...wish, cSeq: ++this.registers, lines, body: '' });
      if (status === 200) return;
      await wait(pauses.again);
    }
  }

  private async sendOnce({ method, uri, to, callId, cSeq, lines, body }: Wish): Promise<number> {
    const socket = await this.connected();
    const branch = `z9hG4bK${++serial}x${process.pid}`;
    const { promise, resolve } = Promise.withResolvers<number>();
    const timer = setTimeout(() => {
      resolve(408);
    }, pauses.answer);
    this.waiting.set(branch, resolve);
    const head = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/TCP 127.0.0.1:${socket.localPort};branch=${branch}`,
      'Max-Forwards: 70',
      `From: <${this.address}>;tag=${this.account}`,
      `To: <${to}>`,
      `Call-ID: ${callId}`,
      `CSeq: ${cSeq} ${method}`,
      ...lines,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    const status = await promise;
    clearTimeout(timer);
    this.waiting.delete(branch);
    return status;
  }

  private connected(): Promise<Socket> {
    if (this.socket !== undefined) return Promise.resolve(this.socket);
    this.connecting ??= this.connect().finally(() => {
      this.connecting = undefined;
    });
    return this.connecting;
  }

  private async connect(): Promise<Socket> {
    for (let attempt = 0; ; attempt++) {
      const ports = this.ports();
      const socket = await this.dial(ports[attempt % ports.length] ?? 0);
      if (socket !== undefined) return socket;
      await wait(pauses.reconnect);
    }
  }

  private dial(port: number): Promise<Socket | undefined> {
    return new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      const framer = createSipFramer();
      socket.on('data', (bytes: Buffer) => {
        for (const event of framer.push(bytes)) if (event.kind === 'message') this.take(socket, event.message);
      });
      socket.once('connect', () => {
        this.socket = socket;
        resolve(socket);
      });
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        resolve(undefined);
        this.lost(socket);
      });
    });
  }

  private lost(socket: Socket): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    for (const resolve of this.waiting.values()) resolve(503);
    if (this.isOn) void this.register();
  }

  private take(socket: Socket, message: SipMessage): void {
    if (message.kind === 'request') {
      const status = this.hear(message);
      const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap((name) =>
        readRawAll(message, name).map((value) => `${name}: ${value}${name === 'To' ? ';tag=d' : ''}`),
      );
      socket.write(`SIP/2.0 ${status} Said\r\n${copied.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
    } else if (message.statusCode >= 200) {
      const branch = /;branch=([^;,\s]+)/.exec(readRaw(message, 'Via') ?? '')?.[1] ?? '';
      this.waiting.get(branch)?.(message.statusCode);
    }
  }
}
