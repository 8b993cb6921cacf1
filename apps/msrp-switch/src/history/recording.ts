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

interface Part {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** Listens to one message to the room, and hands it over when it is whole. */
export class Recording implements Forwarder {
  private readonly whole: (recorded: Recorded) => void;
  private readonly beginUpload: (front: Uint8Array) => ObjectUpload | undefined;
  private parts: Part[] = [];
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
    if (start + bytes.length - 1 <= inlineBytes) return;
    if (isInOrder) this.upload = this.beginUpload(this.gathered());
    if (this.upload === undefined) this.giveUp();
    else this.parts = [{ start: 1, bytes: this.gathered().subarray(0, frontBytes) }];
  }

  private finish(): void {
    this.isOver = true;
    this.upload?.end();
    this.whole({ octets: this.gathered(), upload: this.upload });
    this.parts = [];
  }

  private giveUp(): void {
    this.isOver = true;
    this.parts = [];
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
