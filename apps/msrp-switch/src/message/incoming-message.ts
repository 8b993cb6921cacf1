import type { Reassembly } from '@parley/msrp';
import { emptyReassembly } from '@parley/msrp';
import type { Cancel } from '@parley/prelude';
import type { Audience } from '../hub/audience.ts';
import type { Session } from '../hub/session.ts';
import type { KnownMessage } from '../amendments/known-message.ts';
import type { Place } from '../amendments/known-messages.ts';
import type { MessageHead } from './message-head.ts';
import { Stretch } from './stretch.ts';

/** How far the switch is with a message. */
export type MessageStage =
  /** Its CPIM head is not complete: octets are held back. */
  | { readonly kind: 'heading' }
  /** It is read whole before anything is done. */
  | { readonly kind: 'gathering'; readonly head: MessageHead; readonly limit: number }
  | (Audience & {
      readonly kind: 'forwarding';
      readonly isPrivate: boolean;
      /** Octets of the front by which it was decided whose it is and whom it goes to; nothing is written over them. */
      readonly verified: number;
    })
  /** Answered with 200 and not forwarded; a REPORT said why. */
  | { readonly kind: 'swallowed' }
  | { readonly kind: 'refused'; readonly code: number };

/** A message that a session has begun to send; lives from the first chunk that comes until all of its octets have come. */
export class IncomingMessage {
  readonly id: string;
  /** Who says it. */
  readonly source: Session;
  /** Message-ID of its copies; undefined before the first. */
  copyId: string | undefined;
  stage: MessageStage = { kind: 'heading' };
  /** What will be known of it when it is whole; undefined: nothing will. */
  known: { readonly place: Place; readonly message: KnownMessage } | undefined;
  /** Which octets have come; not kept for a message of one chunk. */
  arrived: Reassembly = emptyReassembly;
  /** Whether its chunk with "$" has come. */
  hasEnded = false;
  /** Octets of the whole message as the last chunk says. */
  total: number | '*' = '*';
  /** Position of the last octet that was forwarded. */
  forwarded = 0;
  /** The latest transactions of its copies, while more is to come. */
  readonly transactionIds: string[] = [];
  /** The chunk reception timer. */
  timer: Cancel | undefined;
  /** While heading or gathering: what has come, in that order. */
  private stretches: Stretch[] = [];

  constructor(id: string, source: Session) {
    this.id = id;
    this.source = source;
  }

  /** Those who hear it. */
  get recipients(): readonly Session[] {
    return this.stage.kind === 'forwarding' ? this.stage.recipients : [];
  }

  /** Sends a recipient no more of it. */
  excuse(recipient: Session): void {
    const { stage } = this;
    if (stage.kind !== 'forwarding' || !stage.recipients.includes(recipient)) return;
    this.stage = { ...stage, recipients: stage.recipients.filter((other) => other !== recipient) };
  }

  /** Octets that are held back. */
  get held(): number {
    return this.stretches.reduce((sum, { octets }) => sum + octets, 0);
  }

  /** How many stretches are held back. */
  get pieces(): number {
    return this.stretches.length;
  }

  /** Where a chunk that begins at `start` is held. */
  stretchAt(start: number): Stretch {
    const known = this.stretches.find(({ end }) => end === start - 1);
    if (known !== undefined) return known;
    const stretch = new Stretch(start);
    if (this.stage.kind === 'heading' || this.stage.kind === 'gathering') this.stretches.push(stretch);
    return stretch;
  }

  /**
   * What has come from the first octet on without a hole, later octets over earlier ones; undefined while the first is
   * missing.
   *
   * @spec RFC 4975 §7.3.1: the last chunk received takes precedence
   */
  front(): Uint8Array | undefined {
    const [only] = this.stretches;
    if (this.stretches.length === 1) return only?.start === 1 ? only.gathered() : undefined;
    const reach = this.reach();
    if (reach === 0) return undefined;
    const front = Buffer.alloc(reach);
    for (const stretch of this.stretches) {
      if (stretch.start <= reach)
        front.set(stretch.gathered().subarray(0, reach - stretch.start + 1), stretch.start - 1);
    }
    return front;
  }

  /**
   * Ends the holding back: gives what is held, its front in one piece.
   *
   * @param current - the stretch that grows at the moment
   * @returns what to forward, and the stretch that grows from now on
   */
  settle(current: Stretch): { readonly stretches: readonly Stretch[]; readonly current: Stretch } {
    const { stretches } = this;
    this.stretches = [];
    if (stretches.length < 2) return { stretches, current };
    this.stretches = stretches;
    const front = new Stretch(1);
    const reach = this.reach();
    front.hold(this.front() ?? Buffer.alloc(0));
    front.flag = stretches.find(({ end }) => end === reach)?.flag ?? '+';
    this.stretches = [];
    const behind = stretches.filter(({ end }) => end > reach);
    if (current.end > reach) return { stretches: [front, ...behind], current };
    return { stretches: [front, ...behind], current: current.end === reach ? front : new Stretch(current.end + 1) };
  }

  drop(): void {
    this.stretches = [];
  }

  /** Position of the last octet before the first hole. */
  private reach(): number {
    let reach = 0;
    for (;;) {
      const next = this.stretches.find(({ start, end }) => start <= reach + 1 && end > reach);
      if (next === undefined) return reach;
      reach = next.end;
    }
  }
}
