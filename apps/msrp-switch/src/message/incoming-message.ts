import type { Cancel } from '@parley/prelude';
import type { Session } from '../hub/session.ts';

/** How far the switch is with a message. */
export type MessageStage =
  /** Its CPIM head is not complete: octets are held back. */
  | { readonly kind: 'heading' }
  | { readonly kind: 'forwarding'; readonly recipients: readonly Session[]; readonly isPrivate: boolean }
  /** Answered with 200 and not forwarded; a REPORT said why. */
  | { readonly kind: 'swallowed' }
  | { readonly kind: 'refused'; readonly code: number };

/** A message that a session has begun to send; lives from its first chunk to its last. */
export class IncomingMessage {
  readonly id: string;
  stage: MessageStage = { kind: 'heading' };
  /** What has come and is not forwarded. */
  pieces: Uint8Array[] = [];
  /** Of {@link pieces}. */
  octets = 0;
  /** Position of the first octet that is not forwarded; positions begin at 1. */
  next = 1;
  total: number | '*' = '*';
  /** The chunk reception timer. */
  timer: Cancel | undefined;

  constructor(id: string) {
    this.id = id;
  }

  hold(bytes: Uint8Array): void {
    this.pieces.push(bytes);
    this.octets += bytes.length;
  }

  /** What is held, in one piece. */
  gathered(): Uint8Array {
    const [first] = this.pieces;
    if (this.pieces.length === 1 && first !== undefined) return first;
    const whole = Buffer.concat(this.pieces, this.octets);
    this.pieces = [whole];
    return whole;
  }

  /** Takes out what is held, as forwarded. */
  release(): Uint8Array[] {
    const { pieces } = this;
    this.next += this.octets;
    this.pieces = [];
    this.octets = 0;
    return pieces;
  }

  drop(): void {
    this.pieces = [];
    this.octets = 0;
  }
}
