import type { Reassembly } from '@parley/msrp';
import { emptyReassembly, isComplete, receiveChunk } from '@parley/msrp';
import type { Forwarder } from '../hub/audience.ts';
import type { OutgoingChunk } from '../message/outgoing-chunk.ts';
import type { ObjectUpload } from './object-upload.ts';

/** A message that is complete: its octets, or the first of them and the way that the others took. */
export interface Recorded {
  readonly octets: Uint8Array;
  readonly upload: ObjectUpload | undefined;
}

/** Octets of a message up to which it is kept in its batch, which has to fit into a message of NATS. */
const inlineBytes = 768 * 1024;

/** Octets of a large message that are kept for its head. */
const frontBytes = 32 * 1024;

/** Octets that are held before it is looked whether some are there twice; half of them at least are new each time. */
const mostHeld = 2 * inlineBytes;

interface Part {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** Listens to one message to the room, and hands it over when it is whole. */
export class Recording implements Forwarder {
  private readonly whole: (recorded: Recorded) => void;
  private readonly beginUpload: (front: Uint8Array) => ObjectUpload | undefined;
  private parts: Part[] = [];
  /** Octets that are in memory. */
  private held = 0;
  private arrived: Reassembly = emptyReassembly;
  /** Position behind the last octet, while all came in order. */
  private next = 1;
  private upload: ObjectUpload | undefined;
  private isOver = false;

  /** @param beginUpload - takes the front of a large message, and gives where its rest goes */
  constructor(whole: (recorded: Recorded) => void, beginUpload: (front: Uint8Array) => ObjectUpload | undefined) {
    this.whole = whole;
    this.beginUpload = beginUpload;
  }

  get isOpen(): boolean {
    return !this.isOver;
  }

  /** Octets of it that are in memory. */
  get octets(): number {
    return this.held;
  }

  get isBehind(): boolean {
    return this.upload?.isBehind === true;
  }

  checkProgress(): void {
    this.upload?.checkProgress();
  }

  deliver({ head: { byteRange }, body, flag }: OutgoingChunk): void {
    if (flag === '#') {
      this.giveUp();
      return;
    }
    const start = byteRange?.start ?? 1;
    const total = byteRange?.total ?? '*';
    const isInOrder = start === this.next && this.arrived === emptyReassembly;
    let at = start;
    for (const bytes of body) {
      this.take({ start: at, bytes }, isInOrder);
      at += bytes.length;
    }
    if (this.isOver) return;
    if (isInOrder) {
      this.next = at;
      if (flag === '$' && (total === '*' || total === at - 1)) this.finish();
      return;
    }
    this.piece(start, at - start, total, flag);
  }

  /** Chunks that came out of order are noted, and put together at the end. */
  private piece(start: number, length: number, total: number | '*', flag: '$' | '+'): void {
    const bounds = { messageBytes: inlineBytes, spans: 64 };
    if (this.arrived === emptyReassembly) {
      const before = { start: 1, length: this.next - 1, total, flag: '+' as const };
      const noted = receiveChunk(this.arrived, before, bounds);
      if (noted.ok) this.arrived = noted.value;
    }
    const arrived = receiveChunk(this.arrived, { start, length, total, flag }, bounds);
    if (!arrived.ok) this.giveUp();
    else {
      this.arrived = arrived.value;
      if (isComplete(arrived.value)) this.finish();
    }
  }

  private take(part: Part, isInOrder: boolean): void {
    if (this.upload !== undefined) {
      if (isInOrder) this.upload.add(part.bytes);
      else this.giveUp();
      return;
    }
    this.parts.push(part);
    const { start, bytes } = part;
    this.held += bytes.length;
    if (start + bytes.length - 1 <= inlineBytes) {
      // What came more than once is held once: who says the same octets again and again fills no memory by that.
      if (this.held > mostHeld) this.hold(this.gathered());
      return;
    }
    if (isInOrder) this.upload = this.beginUpload(this.gathered());
    if (this.upload === undefined) this.giveUp();
    else this.hold(this.gathered().subarray(0, frontBytes));
  }

  /** Holds this in place of all parts. */
  private hold(bytes: Uint8Array): void {
    this.parts = [{ start: 1, bytes }];
    this.held = bytes.length;
  }

  private drop(): void {
    this.parts = [];
    this.held = 0;
  }

  private finish(): void {
    this.isOver = true;
    this.upload?.end();
    this.whole({ octets: this.gathered(), upload: this.upload });
    this.drop();
  }

  private giveUp(): void {
    this.isOver = true;
    this.drop();
    this.upload?.giveUp();
  }

  private gathered(): Uint8Array {
    const [only] = this.parts;
    if (this.parts.length === 1 && only !== undefined) return only.bytes;
    const octets = Buffer.alloc(
      this.parts.reduce((end, { start, bytes }) => Math.max(end, start - 1 + bytes.length), 0),
    );
    for (const { start, bytes } of this.parts) octets.set(bytes, start - 1);
    return octets;
  }
}
