import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { eventually } from '@parley/testing';

/** A bare TCP connection: writes what it is given, keeps what comes. */
export interface Wire extends Disposable {
  /** The connection itself, for what cannot be said in words: to stop reading, or to break off. */
  readonly socket: Socket;
  readonly received: string;
  readonly closed: boolean;
  write(bytes: string | Uint8Array): void;
  /** Waits until what came fits. */
  receives(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Connects to a port of the installation. */
export async function openWire(port: number): Promise<Wire> {
  const socket = createConnection(port, '127.0.0.1');
  let received = '';
  let closed = false;
  socket.setEncoding('latin1').on('data', (text: string) => (received += text));
  socket.on('close', () => (closed = true)).on('error', () => (closed = true));
  await once(socket, 'connect');
  return {
    socket,
    get received() {
      return received;
    },
    get closed() {
      return closed;
    },
    write: (bytes) => void socket.write(bytes),
    receives: (pattern) =>
      eventually(() => {
        const found = pattern.exec(received);
        if (found === null) throw new Error(`expected ${String(pattern)}, came: ${received}`);
        return found;
      }),
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** What a request is made of; every part may be wrong. */
export interface RequestText {
  readonly method?: string;
  readonly uri?: string;
  readonly version?: string;
  readonly maxForwards?: string;
  /** Lines that replace those of the same name, or come on top; empty value: the line is left out. */
  readonly lines?: Readonly<Record<string, string>>;
  readonly body?: string;
}

let count = 0;

/** Text of a request of alice to bob, as RFC 3261 §8.1.1 wants it but for what is given. */
export function requestText({
  method = 'MESSAGE',
  uri = 'sip:bob@localhost',
  version = 'SIP/2.0',
  ...rest
}: RequestText): string {
  const { lines = {}, body = '' } = rest;
  const id = `${process.pid}-${++count}`;
  const usual: Record<string, string> = {
    Via: `SIP/2.0/TCP client.invalid;branch=z9hG4bK${id}`,
    'Max-Forwards': '70',
    From: '<sip:alice@localhost>;tag=a1',
    To: `<${uri}>`,
    'Call-ID': `call-${id}`,
    CSeq: `1 ${method}`,
    ...(body === '' ? {} : { 'Content-Type': 'text/plain' }),
    'Content-Length': String(Buffer.byteLength(body)),
    ...lines,
  };
  const fields = Object.entries(usual).filter(([, value]) => value !== '');
  return [`${method} ${uri} ${version}`, ...fields.map(([name, value]) => `${name}: ${value}`), '', body].join('\r\n');
}

/** One answer on the wire. */
export interface AnswerText {
  readonly status: number;
  readonly phrase: string;
  /** The whole message. */
  readonly text: string;
}

/** Sends one request over a connection of its own and waits for its final response. */
export async function ask(port: number, request: RequestText | string): Promise<AnswerText> {
  using wire = await openWire(port);
  wire.write(typeof request === 'string' ? request : requestText(request));
  const [text, status = '', phrase = ''] = await wire.receives(/SIP\/2\.0 ([2-6]\d\d) ([^\r]*)\r\n[^]*?\r\n\r\n/);
  return { status: Number(status), phrase, text };
}
