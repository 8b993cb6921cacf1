import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  createMsrpReader,
  createTransactionId,
  parsePath,
  reportOn,
  responseTo,
  serialiseRequest,
  serialiseResponse,
  useNickname,
} from '@parley/msrp';
import type { ContinuationFlag, MsrpRequestHead, MsrpResponse } from '@parley/msrp';
import { unwrap } from '@parley/prelude';
import { nodeBytes, systemRandom } from '@parley/service';
import { eventually } from '@parley/testing';

/** A request that a peer got, body and all. */
export interface Received {
  readonly request: MsrpRequestHead;
  readonly body: string;
  readonly flag: ContinuationFlag;
}

/** What a request says beyond its method. */
export type HeadParts = Partial<MsrpRequestHead>;

/** One client on its own connection, which says exactly what a test wants it to say. */
export class Peer {
  readonly requests: Received[] = [];
  readonly responses: MsrpResponse[] = [];
  isClosed = false;
  readonly socket: Duplex;
  private readonly toPath: string;
  private readonly fromPath: string;

  constructor(socket: Duplex, toPath: string, fromPath: string) {
    this.socket = socket;
    this.toPath = toPath;
    this.fromPath = fromPath;
    this.listen();
  }

  static async connect(toPath: string, fromPath: string): Promise<Peer> {
    const { port = 0 } = unwrap(parsePath(toPath, 1)).first;
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    return new Peer(socket, toPath, fromPath);
  }

  /** Another session on the same connection; each hears everything. */
  beside(toPath: string, fromPath: string): Peer {
    return new Peer(this.socket, toPath, fromPath);
  }

  get sends(): readonly Received[] {
    return this.requests.filter(({ request }) => request.method === 'SEND');
  }

  head(parts: HeadParts): MsrpRequestHead {
    return {
      transactionId: createTransactionId(systemRandom),
      method: 'SEND',
      toPath: unwrap(parsePath(this.toPath, 1)),
      fromPath: unwrap(parsePath(this.fromPath, 1)),
      messageId: undefined,
      successReport: undefined,
      failureReport: undefined,
      byteRange: undefined,
      status: undefined,
      contentType: undefined,
      fields: [],
      ...parts,
    };
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Sends a request and waits for its response. */
  async ask(parts: HeadParts, body = '', flag: ContinuationFlag = '$'): Promise<number> {
    const head = this.head(parts);
    this.write(serialiseRequest(head, flag, body));
    return (await this.answerTo(head.transactionId)).code;
  }

  answerTo(transactionId: string): Promise<MsrpResponse> {
    return eventually(() => {
      const response = this.responses.find((one) => one.transactionId === transactionId);
      if (response === undefined) throw new Error('no response yet');
      return response;
    });
  }

  bind(): Promise<number> {
    return this.ask({ messageId: 'bind', byteRange: { start: 1, end: 0, total: 0 } });
  }

  nickname(name: string): Promise<number> {
    return this.ask({ method: 'NICKNAME', fields: [useNickname(name)] });
  }

  /** Says something in one chunk. */
  say(body: string, parts: HeadParts = {}): Promise<number> {
    return this.ask(messageParts(body, parts), body);
  }

  /** Says it and waits for nothing. */
  shout(body: string, parts: HeadParts = {}, flag: ContinuationFlag = '$'): void {
    this.write(serialiseRequest(this.head(messageParts(body, parts)), flag, body));
  }

  report({ request }: Received, code: number): void {
    const report = reportOn(request, {
      transactionId: createTransactionId(systemRandom),
      code,
      byteRange: request.byteRange,
    });
    this.write(serialiseRequest(report, '$'));
  }

  /** Answers a request; resolves when the switch has dealt with it. */
  async respond(received: Received, code: number): Promise<void> {
    this.answer(received, code);
    await this.bind();
  }

  /** Answers a request and says no more. */
  answer({ request }: Received, code: number): void {
    this.write(serialiseResponse(responseTo(request, code)));
  }

  /** Waits for the `count`-th SEND. */
  async heard(count: number): Promise<Received> {
    return await eventually(() => {
      const found = this.sends[count - 1];
      if (found === undefined) throw new Error(`heard ${this.sends.length} of ${count}`);
      return found;
    });
  }

  /** Waits for the `count`-th REPORT. */
  async reported(count: number): Promise<Received> {
    return await eventually(() => {
      const found = this.requests.filter(({ request }) => request.method === 'REPORT')[count - 1];
      if (found === undefined) throw new Error('no REPORT yet');
      return found;
    });
  }

  async closed(): Promise<void> {
    await eventually(() => {
      if (!this.isClosed) throw new Error('still open');
    });
  }

  private listen(): void {
    const reader = createMsrpReader({ codec: nodeBytes });
    let request: MsrpRequestHead | undefined;
    let body = '';
    this.socket.on('data', (bytes: Buffer) => {
      for (const event of reader.push(bytes)) {
        if (event.kind === 'response') this.responses.push(event.response);
        else if (event.kind === 'request') this.take({ request: event.request, body: '', flag: event.flag });
        else if (event.kind === 'start') [request, body] = [event.request, ''];
        else if (event.kind === 'body') body += Buffer.from(event.bytes).toString('latin1');
        else if (event.kind === 'end' && request !== undefined) this.take({ request, body, flag: event.flag });
        else if (event.kind === 'error') throw new Error(event.error.message);
      }
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.isClosed = true;
    });
  }

  private take(received: Received): void {
    if (received.request.toPath.text === this.fromPath) this.requests.push(received);
  }
}

let messages = 0;

function messageParts(body: string, parts: HeadParts): HeadParts {
  return {
    messageId: `message${++messages}`,
    byteRange: { start: 1, end: body.length, total: body.length },
    contentType: 'message/cpim',
    ...parts,
  };
}

/** A text in the wrapper. */
export function cpim(from: string, to: string | readonly string[], text: string, type = 'text/plain'): string {
  const recipients = [to].flat().map((uri) => `To: <${uri}>\r\n`);
  return `From: <${from}>\r\n${recipients.join('')}DateTime: 2026-11-21T12:00:00Z\r\n\r\nContent-Type: ${type}\r\n\r\n${text}`;
}
