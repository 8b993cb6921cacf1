import { isUtf8 } from 'node:buffer';
import { noBytes } from '@parley/prelude';

const frameFin = 0x80;
const opcodeText = 0x1;
const opcodeBinary = 0x2;
const longestFrameHead = 10;

/** A message that waits. */
interface Queued {
  readonly head: string;
  readonly body: Uint8Array;
}

/**
 * Messages of one turn on their way to one peer; joined into one buffer when the turn ends. There is one mostly, which
 * stands here by itself.
 */
export class OutputQueue {
  #first: Queued | undefined;
  #others: Queued[] | undefined;
  #octets = 0;

  /** Octets of all that waits. */
  get octets(): number {
    return this.#octets;
  }

  get empty(): boolean {
    return this.#first === undefined;
  }

  /** Adds head text and a body, which is not copied before the queue is taken. */
  push(head: string, body: Uint8Array = noBytes): void {
    if (this.#first === undefined) this.#first = { head, body };
    else (this.#others ??= []).push({ head, body });
    this.#octets += head.length + body.length;
  }

  /** Everything as one stretch of octets; the queue is empty then. */
  takeJoined(): Buffer {
    const joined = Buffer.allocUnsafe(this.#octets);
    this.takeInto(joined, 0);
    return joined;
  }

  /** Everything from an offset on, which must have room for it; the queue is empty then. Gives where it ends. */
  takeInto(target: Buffer, offset: number): number {
    let at = this.#first === undefined ? offset : write(this.#first, target, offset);
    if (this.#others !== undefined) for (const message of this.#others) at = write(message, target, at);
    this.#clear();
    return at;
  }

  /** Everything as unmasked WebSocket frames, one message to a frame; the queue is empty then. @spec RFC 6455 §5.2 */
  takeFrames(): Buffer {
    const all = this.#takeAll();
    const most = all.reduce((sum, message) => sum + lengthOf(message) + longestFrameHead, 0);
    const joined = Buffer.allocUnsafe(most);
    let at = 0;
    for (const message of all) at = writeFrame(message, joined, at);
    return joined.subarray(0, at);
  }

  /** Every message by itself; the queue is empty then. */
  takeMessages(): Buffer[] {
    return this.#takeAll().map((queued) => {
      const message = Buffer.allocUnsafe(lengthOf(queued));
      write(queued, message, 0);
      return message;
    });
  }

  #takeAll(): readonly Queued[] {
    const all = this.#first === undefined ? [] : [this.#first, ...(this.#others ?? [])];
    this.#clear();
    return all;
  }

  #clear(): void {
    this.#first = undefined;
    this.#others = undefined;
    this.#octets = 0;
  }
}

function lengthOf({ head, body }: Queued): number {
  return head.length + body.length;
}

function write({ head, body }: Queued, target: Buffer, offset: number): number {
  target.write(head, offset, 'latin1');
  if (body.length > 0) target.set(body, offset + head.length);
  return offset + head.length + body.length;
}

function writeFrame(message: Queued, target: Buffer, offset: number): number {
  const start = writeLength(target, offset, lengthOf(message));
  const end = write(message, target, start);
  target[offset] = frameFin | (isText(target.subarray(start, end)) ? opcodeText : opcodeBinary);
  return end;
}

/** Whether a message may go in a text frame, which browsers prefer. @spec RFC 7118 §5, RFC 6455 §5.6 */
export function isText(message: Uint8Array): boolean {
  return isUtf8(message);
}

function writeLength(target: Buffer, offset: number, length: number): number {
  if (length < 126) {
    target[offset + 1] = length;
    return offset + 2;
  }
  if (length < 65_536) {
    target[offset + 1] = 126;
    return target.writeUInt16BE(length, offset + 2);
  }
  target[offset + 1] = 127;
  target.writeUInt32BE(0, offset + 2);
  return target.writeUInt32BE(length, offset + 6);
}
