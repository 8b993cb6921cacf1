import { EventEmitter, on, once } from 'node:events';
import type { Socket } from 'node:net';
import type { TransportFailure } from '@parley/prelude';
import { createRequest } from '@parley/sip';
import type { SipMessage, SipRequest } from '@parley/sip';
import type { Flow, FlowObserver } from '../../src/index.ts';
import type { DropReason } from '../../src/node/index.ts';
import { buildNative } from '../../src/node/native/build-native.ts';
import { loadNative } from '../../src/node/native/load-native.ts';

/** What came over flows, to be waited for one by one. */
export class Heard implements FlowObserver {
  readonly messages: { message: SipMessage; flow: Flow }[] = [];
  readonly closings: { flow: Flow; failure: TransportFailure | undefined }[] = [];
  readonly drops: DropReason[] = [];
  readonly #bell = new EventEmitter();
  #readMessages = 0;
  #readClosings = 0;
  /** Answers to messages, where a test gives them. */
  reply: ((message: SipMessage, flow: Flow) => void) | undefined;

  onMessage(message: SipMessage, flow: Flow): void {
    this.messages.push({ message, flow });
    this.reply?.(message, flow);
    this.#bell.emit('ring');
  }

  onClosed(flow: Flow, failure: TransportFailure | undefined): void {
    this.closings.push({ flow, failure });
    this.#bell.emit('ring');
  }

  readonly onDropped = (reason: DropReason): void => {
    this.drops.push(reason);
    this.#bell.emit('ring');
  };

  get options(): { observer: FlowObserver; onDropped: (reason: DropReason) => void } {
    return { observer: this, onDropped: this.onDropped };
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.#bell, 'ring');
  }

  async message(): Promise<{ message: SipMessage; flow: Flow }> {
    await this.until(() => this.messages.length > this.#readMessages);
    return this.messages[this.#readMessages++]!;
  }

  async closing(): Promise<{ flow: Flow; failure: TransportFailure | undefined }> {
    await this.until(() => this.closings.length > this.#readClosings);
    return this.closings[this.#readClosings++]!;
  }
}

/** A MESSAGE with a Via, as a client would send it. */
export function messageRequest(options: { via?: string; body?: Uint8Array; callId?: string } = {}): SipRequest {
  return createRequest({
    method: 'MESSAGE',
    requestUri: 'sip:bob@localhost',
    fields: [
      ['Via', options.via ?? 'SIP/2.0/TCP client.invalid;branch=z9hG4bK1;rport'],
      ['Max-Forwards', '70'],
      ['From', '<sip:alice@localhost>;tag=1'],
      ['To', '<sip:bob@localhost>'],
      ['Call-ID', options.callId ?? 'a@b'],
      ['CSeq', '1 MESSAGE'],
      ['Content-Type', 'text/plain'],
    ],
    body: options.body ?? new TextEncoder().encode('hello'),
  });
}

/** Reads a socket until what came satisfies the condition. */
export async function readUntil(socket: Socket, condition: (text: string) => boolean): Promise<string> {
  let text = '';
  for await (const [chunk] of on(socket, 'data', { close: ['end', 'close'] }) as AsyncIterable<[Buffer]>) {
    text += chunk.toString('latin1');
    if (condition(text)) break;
  }
  return text;
}

/** What sockets of UDP and TCP can be made of here: without a C compiler only Node's own are there to be tested. */
export const socketKinds = buildNative().built
  ? [
      { name: 'node', native: undefined },
      { name: 'native', native: loadNative('required').native },
    ]
  : [{ name: 'node', native: undefined }];
