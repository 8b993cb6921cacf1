import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createSipFramer, readRaw, readRawAll } from '@parley/sip';
import type { SipMessage, SipRequest, SipResponse } from '@parley/sip';

/** Milliseconds before a lost connection is tried again, and between two messages. */
const pause = { reconnect: 50, message: 5 };
/** Milliseconds after which a request counts as unanswered. */
const patience = 10_000;

/** Ports to try, in the order of preference. */
export type Ports = () => readonly number[];

const wait = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

/** A connection to whichever edge takes it, made anew when it is lost, that hears one request or response at a time. */
abstract class End {
  protected socket: Socket | undefined;
  protected isStopped = false;
  private readonly ports: Ports;
  private serial = 0;

  constructor(ports: Ports) {
    this.ports = ports;
  }

  protected abstract hear(message: SipMessage): void;

  /** Resolves when a connection stands. */
  protected async connected(): Promise<Socket> {
    for (let attempt = 0; !this.isStopped; attempt++) {
      if (this.socket?.readyState === 'open') return this.socket;
      const ports = this.ports();
      const socket = await this.dial(ports[attempt % ports.length] ?? 0);
      if (socket !== undefined) return (this.socket = socket);
      await wait(pause.reconnect);
    }
    throw new Error('stopped');
  }

  private dial(port: number): Promise<Socket | undefined> {
    return new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      const framer = createSipFramer();
      socket.on('data', (bytes: Buffer) => {
        for (const event of framer.push(bytes)) if (event.kind === 'message') this.hear(event.message);
      });
      socket.once('connect', () => {
        resolve(socket);
      });
      socket.on('error', () => {
        socket.destroy();
      });
      socket.once('close', () => {
        if (this.socket === socket) this.socket = undefined;
        resolve(undefined);
      });
    });
  }

  protected write(socket: Socket, startLine: string, lines: readonly string[], body = ''): void {
    const via = `Via: SIP/2.0/TCP 127.0.0.1:${socket.localPort};branch=z9hG4bK${process.pid}-${++this.serial}-${Math.trunc(performance.now())}`;
    const all = [startLine, via, 'Max-Forwards: 70', ...lines, `Content-Length: ${body.length}`];
    socket.write(`${all.join('\r\n')}\r\n\r\n${body}`);
  }

  /** Closes the connection for good. */
  stop(): void {
    this.isStopped = true;
    this.socket?.destroy();
  }
}

/** A device that registers wherever it can, takes every message and notes it. */
export class Device extends End {
  /** How often each body came, retransmissions apart. */
  readonly got = new Map<string, number>();
  private readonly account: string;
  private readonly instance: string;
  private readonly branches = new Set<string>();
  private cSeq = 0;
  private isOn = false;
  private onRegistered: (() => void) | undefined;

  constructor(ports: Ports, account: string, instance: string) {
    super(ports);
    this.account = account;
    this.instance = instance;
  }

  /** Registers, and again whenever the connection is lost. Resolves at the first 200. */
  async on(): Promise<void> {
    if (this.isOn) return;
    this.isOn = true;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.onRegistered = () => {
      resolve(undefined);
    };
    void this.stay();
    await promise;
  }

  off(): void {
    this.isOn = false;
    this.socket?.destroy();
  }

  private async stay(): Promise<void> {
    while (this.isOn && !this.isStopped) {
      const socket = await this.connected().catch(() => undefined);
      if (socket === undefined) return;
      this.register(socket);
      const lost = new Promise<void>((resolve) => socket.once('close', resolve));
      await lost;
    }
  }

  private register(socket: Socket): void {
    const aor = `<sip:${this.account}@localhost>`;
    const contact = `<sip:${this.account}@127.0.0.1:${socket.localPort};transport=tcp>;+sip.instance="${this.instance}";expires=600`;
    this.write(socket, 'REGISTER sip:localhost SIP/2.0', [
      `From: ${aor};tag=r`,
      `To: ${aor}`,
      `Call-ID: ${this.instance}`,
      `CSeq: ${++this.cSeq} REGISTER`,
      `Contact: ${contact}`,
    ]);
  }

  protected hear(message: SipMessage): void {
    if (message.kind === 'request') this.take(message);
    else if (message.statusCode === 200) this.onRegistered?.();
    // NATS is away: the registration has to be tried again.
    else if (message.statusCode >= 300) this.socket?.destroy();
  }

  private take(request: SipRequest): void {
    const body = Buffer.from(request.body).toString();
    const branch = readRawAll(request, 'Via')[0] ?? '';
    if (!this.branches.has(branch)) this.got.set(body, (this.got.get(body) ?? 0) + 1);
    this.branches.add(branch);
    const copied = ['Via', 'From', 'Call-ID', 'CSeq'].flatMap((name) =>
      readRawAll(request, name).map((value) => `${name}: ${value}`),
    );
    const lines = ['SIP/2.0 200 OK', ...copied, `To: ${readRaw(request, 'To') ?? ''};tag=d`, 'Content-Length: 0'];
    this.socket?.write(`${lines.join('\r\n')}\r\n\r\n`);
  }
}

/** Sends numbered messages to one account, one at a time, and notes which were accepted. */
export class Writer extends End {
  /** Bodies that were answered 200 or 202. */
  readonly accepted = new Set<string>();
  private readonly account: string;
  private count = 0;
  private answer: ((response: SipResponse | undefined) => void) | undefined;

  constructor(ports: Ports, account: string) {
    super(ports);
    this.account = account;
  }

  /** Sends until {@link stop}. */
  async run(): Promise<void> {
    while (!this.isStopped) {
      await this.sendOne().catch(() => {});
      await wait(pause.message);
    }
  }

  private async sendOne(): Promise<void> {
    const socket = await this.connected();
    const body = `${this.account}-${++this.count}`;
    const { promise, resolve } = Promise.withResolvers<SipResponse | undefined>();
    this.answer = resolve;
    const giveUp = (): void => {
      resolve(undefined);
    };
    const timer = setTimeout(giveUp, patience);
    socket.once('close', giveUp);
    this.write(
      socket,
      `MESSAGE sip:${this.account}@localhost SIP/2.0`,
      [
        'From: <sip:writer@localhost>;tag=w',
        `To: <sip:${this.account}@localhost>`,
        `Call-ID: ${body}`,
        'CSeq: 1 MESSAGE',
        'Content-Type: text/plain',
      ],
      body,
    );
    const response = await promise;
    clearTimeout(timer);
    socket.off('close', giveUp);
    if (response !== undefined && response.statusCode < 300) this.accepted.add(body);
  }

  protected hear(message: SipMessage): void {
    if (message.kind === 'response' && message.statusCode >= 200) this.answer?.(message);
  }
}
