import { isUtf8 } from 'node:buffer';
import { noBytes } from '@parley/prelude';

const frameFin = 0x80;
const opcodeText = 0x1;
const opcodeBinary = 0x2;
const longestFrameHead = 10;

/** Messages of one turn on their way to one peer; joined into one buffer when the turn ends. */
export class OutputQueue {
  #heads: string[] = [];
  #bodies: Uint8Array[] = [];
  #octets = 0;

  /** Octets of all that waits. */
  get octets(): number {
    return this.#octets;
  }

  get empty(): boolean {
    return this.#heads.length === 0;
  }

  /** Adds head text and a body, which is not copied before the queue is taken. */
  push(head: string, body: Uint8Array = noBytes): void {
    this.#heads.push(head);
    this.#bodies.push(body);
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
    let at = offset;
    for (let i = 0; i < this.#heads.length; i++) at = this.#write(i, target, at);
    this.#clear();
    return at;
  }

  /** Everything as unmasked WebSocket frames, one message to a frame; the queue is empty then. @spec RFC 6455 §5.2 */
  takeFrames(): Buffer {
    const joined = Buffer.allocUnsafe(this.#octets + this.#heads.length * longestFrameHead);
    let at = 0;
    for (let i = 0; i < this.#heads.length; i++) at = this.#writeFrame(i, joined, at);
    this.#clear();
    return joined.subarray(0, at);
  }

  /** Every message by itself; the queue is empty then. */
  takeMessages(): Buffer[] {
    const messages = this.#heads.map((head, i) => {
      const message = Buffer.allocUnsafe(head.length + (this.#bodies[i]?.length ?? 0));
      this.#write(i, message, 0);
      return message;
    });
    this.#clear();
    return messages;
  }

  #write(i: number, target: Buffer, offset: number): number {
    const head = this.#heads[i] ?? '';
    const body = this.#bodies[i] ?? noBytes;
    target.write(head, offset, 'latin1');
    if (body.length > 0) target.set(body, offset + head.length);
    return offset + head.length + body.length;
  }

  #writeFrame(i: number, target: Buffer, offset: number): number {
    const length = (this.#heads[i]?.length ?? 0) + (this.#bodies[i]?.length ?? 0);
    const start = writeLength(target, offset, length);
    const end = this.#write(i, target, start);
    target[offset] = frameFin | (isText(target.subarray(start, end)) ? opcodeText : opcodeBinary);
    return end;
  }

  #clear(): void {
    this.#heads = [];
    this.#bodies = [];
    this.#octets = 0;
  }
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
