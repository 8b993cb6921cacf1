import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';

/** How requests go. */
export type LoadTransport = 'udp' | 'tcp';

/** What came of the requests of a stretch of time. */
export interface Outcome {
  readonly seconds: number;
  readonly sent: number;
  readonly delivered: number;
  /** Answered 202. */
  readonly stored: number;
  /** Answered 503. */
  readonly refused: number;
  /** Milliseconds to the 200, in the middle and at the 99th percentile. */
  readonly p50: number;
  readonly p99: number;
  /** Processor seconds that the server spent. */
  readonly cpu: number;
}

interface Line {
  /** Our end. */
  readonly port: number;
  send(text: string): void;
  close(): void;
}

const domain = 'localhost';
/** RFC 3261 §17.1.2.2, in milliseconds: E starts at T1 and doubles up to T2; F gives up. */
const t1 = 500;
const t2 = 4_000;
const timerF = 32_000;
const body = 'x'.repeat(100);

/** A request that has no final response yet. */
interface Pending {
  readonly line: Line;
  readonly text: string;
  readonly sentAt: number;
  readonly done: (() => void) | undefined;
  interval: number;
  again: number;
}

async function openLine(
  transport: LoadTransport,
  port: number,
  hear: (text: string, line: Line) => void,
): Promise<Line> {
  if (transport === 'udp') {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4_194_304 });
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const line: Line = {
      port: socket.address().port,
      send: (text) => {
        socket.send(text);
      },
      close: () => {
        socket.close();
      },
    };
    socket.on('message', (datagram) => {
      hear(datagram.toString('latin1'), line);
    });
    return line;
  }
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let rest = '';
  let out = '';
  const line: Line = {
    port: socket.localPort ?? 0,
    send: (text) => {
      if (out === '')
        setImmediate(() => {
          socket.write(out, 'latin1');
          out = '';
        });
      out += text;
    },
    close: () => {
      socket.destroy();
    },
  };
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    rest += bytes.toString('latin1');
    for (let end = endOfMessage(rest); end !== -1; end = endOfMessage(rest)) {
      const text = rest.slice(0, end);
      rest = rest.slice(end);
      hear(text, line);
    }
  });
  return line;
}

function endOfMessage(text: string): number {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return -1;
  const end = head + 4 + Number(/\r\n(?:Content-Length|l) *: *(\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
  return end <= text.length ? end : -1;
}

/** Senders that send on a fixed schedule whatever is answered, and repeat over UDP what is not; and their receivers. */
export class OpenLoop implements Disposable {
  private readonly transport: LoadTransport;
  private readonly senders: Line[] = [];
  private readonly receivers: Line[] = [];
  private readonly pending = new Map<string, Pending>();
  private readonly users: number;
  private serial = 0;
  private delivered = 0;
  private refused = 0;
  private stored = 0;
  private delays: number[] = [];
  private onFree: (() => void) | undefined;
  private readonly cpu: () => number;
  private cpuFrom = 0;

  private constructor(transport: LoadTransport, users: number, cpu: () => number) {
    this.transport = transport;
    this.users = users;
    this.cpu = cpu;
  }

  /**
   * Registers receivers r0…; senders are s0…, who need no registration. The server believes From.
   *
   * @param cpu - processor seconds that the server has spent so far
   */
  static async open(transport: LoadTransport, port: number, users: number, cpu: () => number): Promise<OpenLoop> {
    const loop = new OpenLoop(transport, users, cpu);
    for (let user = 0; user < users; user++) {
      loop.senders.push(
        await openLine(transport, port, (text) => {
          loop.hear(text);
        }),
      );
      const receiver = await openLine(transport, port, (text, line) => {
        if (text.startsWith('SIP/2.0')) loop.hear(text);
        else line.send(answerTo(text));
      });
      loop.receivers.push(receiver);
      await loop.register(receiver, `r${user}`);
    }
    return loop;
  }

  /** Sends `perSecond` messages a second for some seconds, the first of which do not count. */
  async offer(perSecond: number, seconds: number, warmUp: number): Promise<Outcome> {
    let outcomeFrom = performance.now();
    const begun = performance.now();
    let sent = 0;
    let counted = 0;
    let isWarm = false;
    for (;;) {
      const now = performance.now();
      if (!isWarm && now - begun >= warmUp * 1000) {
        isWarm = true;
        outcomeFrom = now;
        counted = sent;
        this.reset();
      }
      if (now - begun >= seconds * 1000) break;
      const due = ((now - begun) * perSecond) / 1000;
      // A generator that lags makes up for it, within reason.
      for (let i = 0; sent < due && i < 2_000; i++, sent++) this.sendMessage(sent);
      this.repeat(now);
      await new Promise(setImmediate);
    }
    return this.outcome((performance.now() - outcomeFrom) / 1000, sent - counted);
  }

  /** Keeps a number of messages under way for some seconds: what the server can do. */
  async saturate(underway: number, seconds: number, warmUp: number): Promise<Outcome> {
    const begun = performance.now();
    let sent = 0;
    this.onFree = () => {
      this.sendMessage(sent++);
    };
    for (; sent < underway; sent++) this.sendMessage(sent);
    await pause(warmUp * 1000, () => {
      this.repeat(performance.now());
    });
    this.reset();
    const counted = sent;
    const from = performance.now();
    await pause(seconds * 1000 - (from - begun), () => {
      this.repeat(performance.now());
    });
    const outcome = this.outcome((performance.now() - from) / 1000, sent - counted);
    this.onFree = undefined;
    return outcome;
  }

  /** Forgets what is under way, after a while for it to end. */
  async settle(): Promise<void> {
    await pause(2_000, () => {});
    this.pending.clear();
  }

  [Symbol.dispose](): void {
    for (const line of [...this.senders, ...this.receivers]) line.close();
  }

  private register(line: Line, user: string): Promise<void> {
    const contact = `Contact: <sip:${user}@127.0.0.1:${line.port};transport=${this.transport}>;expires=3600\r\n`;
    return new Promise((resolve) => {
      this.send(line, 'REGISTER', user, user, contact, '', resolve);
    });
  }

  private sendMessage(number: number): void {
    const pair = number % this.users;
    const line = this.senders[pair];
    if (line === undefined) return;
    this.send(line, 'MESSAGE', `s${pair}`, `r${pair}`, 'Content-Type: text/plain\r\n', body);
  }

  private send(
    line: Line,
    method: string,
    from: string,
    to: string,
    fields: string,
    content = '',
    done?: () => void,
  ): void {
    const branch = `z9hG4bK${++this.serial}.${process.pid}`;
    const uri = method === 'REGISTER' ? `sip:${domain}` : `sip:${to}@${domain}`;
    const text =
      `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/${this.transport.toUpperCase()} 127.0.0.1:9;rport;branch=${branch}\r\n` +
      `Max-Forwards: 70\r\nFrom: <sip:${from}@${domain}>;tag=t\r\nTo: <sip:${to}@${domain}>\r\n` +
      `Call-ID: ${branch}\r\nCSeq: 1 ${method}\r\n${fields}Content-Length: ${content.length}\r\n\r\n${content}`;
    const now = performance.now();
    this.pending.set(branch, { line, text, sentAt: now, interval: t1, again: now + t1, done });
    line.send(text);
  }

  private hear(text: string): void {
    const status = Number(text.slice(8, 11));
    if (status < 200) return;
    const branch = /branch=([^;\r]+)/.exec(text)?.[1] ?? '';
    const pending = this.pending.get(branch);
    if (pending === undefined) return;
    this.pending.delete(branch);
    if (status === 200) {
      this.delivered++;
      this.delays.push(performance.now() - pending.sentAt);
    } else if (status === 202) this.stored++;
    else if (status === 503) this.refused++;
    pending.done?.();
    this.onFree?.();
  }

  /** @spec RFC 3261 §17.1.2.2 (Timers E and F) */
  private repeat(now: number): void {
    if (this.transport === 'tcp') return;
    for (const [branch, pending] of this.pending) {
      // Those behind it were sent later.
      if (pending.sentAt + t1 > now) break;
      if (now - pending.sentAt >= timerF) this.pending.delete(branch);
      else if (pending.again <= now) {
        pending.interval = Math.min(t2, 2 * pending.interval);
        pending.again = now + pending.interval;
        pending.line.send(pending.text);
      }
    }
  }

  private reset(): void {
    this.cpuFrom = this.cpu();
    this.delivered = 0;
    this.refused = 0;
    this.stored = 0;
    this.delays = [];
  }

  private outcome(seconds: number, sent: number): Outcome {
    const delays = this.delays.toSorted((one, other) => one - other);
    const at = (part: number): number => delays[Math.floor(delays.length * part)] ?? 0;
    return {
      seconds,
      sent,
      delivered: this.delivered,
      stored: this.stored,
      refused: this.refused,
      p50: at(0.5),
      p99: at(0.99),
      cpu: this.cpu() - this.cpuFrom,
    };
  }
}

async function pause(milliseconds: number, often: () => void): Promise<void> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    often();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What a device says to a message: 200. */
function answerTo(text: string): string {
  const fields = text.slice(0, text.indexOf('\r\n\r\n')).split('\r\n');
  const copied = fields.filter((line) => /^(?:Via|From|Call-ID|CSeq) *:/i.test(line));
  const to = fields.find((line) => /^To *:/i.test(line)) ?? '';
  return ['SIP/2.0 200 OK', ...copied, `${to};tag=d`, 'Content-Length: 0', '', ''].join('\r\n');
}
