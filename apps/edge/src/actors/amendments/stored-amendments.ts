import type { edge } from '@parley/contracts';
import type { Clock } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import { serialise } from '@parley/sip';
import type { Inflate } from '../../mailbox/content.ts';
import { isOver } from '../../mailbox/mailbox.ts';
import type { MessageName } from '../../replace/amendment.ts';
import type { Amending } from '../../replace/amended-copy.ts';
import { wasRecalled } from '../../replace/amended-copy.ts';
import { inPlaceOf } from '../../replace/in-place.ts';
import { NameIndex } from '../../replace/name-index.ts';
import type { AmendmentPlan } from '../../replace/plan-amendment.ts';
import { planAmendment } from '../../replace/plan-amendment.ts';
import { requestIn } from '../mailbox/delivery-attempt.ts';
import type { CopyChange, StoredMailbox } from '../mailbox/stored-mailbox.ts';

/** What copies are amended with. */
export interface StoredAmendmentsOptions {
  readonly clock: Clock;
  readonly inflate: Inflate;
  /** Who sent a request, in one spelling. */
  readonly senderOf: (request: SipRequest) => string | undefined;
}

/** What is known of the drains of the mailbox at this moment. */
export interface Surroundings {
  readonly remembered: ReadonlySet<string>;
  readonly isSending: (device: string, sequence: number) => boolean;
}

/** Milliseconds for which a request is known again: above Timer F. @spec RFC 3261 §17.1.2.2 */
const memory = 60_000;
/** Requests that are known again at most; the oldest go first. */
const mostRemembered = 256;

/** Recalled copies that are known for it; the oldest go first. */
const mostRecalled = 4_096;

/** A copy that is meant, and what is planned with it. */
interface Meant {
  readonly sequence: number;
  readonly request: SipRequest;
  readonly plan: AmendmentPlan;
}

/**
 * Replaces and recalls the stored copies of one mailbox, for its owner. What is done is written before it is answered;
 * until then no device is sent the copies that are meant.
 *
 * @spec docs/specs/replace-message.md §8
 */
export class StoredAmendments {
  private readonly options: StoredAmendmentsOptions;
  private readonly stored: StoredMailbox;
  private readonly names: NameIndex;
  /** Copies that were recalled, though they may be gone by now. */
  private readonly recalled = new Set<number>();

  constructor(options: StoredAmendmentsOptions, stored: StoredMailbox) {
    this.options = options;
    this.stored = stored;
    const isGone = (sequence: number): boolean => stored.isSwept(sequence) && !this.recalled.has(sequence);
    this.names = new NameIndex({ ...options, codec: nodeBytes, isGone });
  }

  /** Amends the copies that are meant and wait. Failures of the store are thrown; then the mailbox begins again from it. */
  async amend(wish: edge.AmendCopies, surroundings: Surroundings): Promise<edge.AmendedCopies> {
    const { stored } = this;
    const repeated = stored.mailbox.amendings.find(({ identity }) => identity === wish.identity);
    if (repeated !== undefined) return { outcome: 'amended', devices: [...repeated.devices], waits: repeated.waits };
    await this.learnNames();
    const { own, others } = this.names.find(nameIn(wish), wish.sender === '' ? undefined : wish.sender);
    if (own.length === 0) return nothing((await this.someWait(others, surroundings)) ? 'forbidden' : 'none');
    try {
      const meant = await this.meant(own, surroundings);
      const waiting = meant.filter(({ plan }) => plan.waits);
      if (waiting.length === 0)
        return nothing(own.some((sequence) => this.recalled.has(sequence)) ? 'recalled' : 'none');
      return await this.carryOut(wish, waiting);
    } finally {
      stored.release();
    }
  }

  private async carryOut(wish: edge.AmendCopies, waiting: readonly Meant[]): Promise<edge.AmendedCopies> {
    const { stored, options } = this;
    const request = requestIn(wish.request);
    if (request === undefined) return nothing('none');
    const keepers = new Set(waiting.flatMap(({ plan }) => plan.keepers));
    const covered = new Set(waiting.flatMap(({ plan }) => plan.covered));
    const devices = [...covered].filter((device) => !keepers.has(device));
    const changes = waiting.map((copy) => ({ ...this.changeOf(copy, request, wish), sequence: copy.sequence }));
    const now = options.clock.wallTime();
    const recent = stored.mailbox.amendings.filter(({ at }) => now - at < memory).slice(1 - mostRemembered);
    const waits = changes.some(({ next }) => next !== undefined);
    const amending: Amending = { identity: wish.identity, devices, at: now, waits };
    await stored.amend(changes, amending, recent);
    for (const { sequence, next } of changes) {
      this.names.add(sequence, request);
      if (next === undefined) this.noteRecalled(sequence);
    }
    return { outcome: 'amended', devices, waits };
  }

  private changeOf(
    { request: copy, plan }: Meant,
    request: SipRequest,
    wish: edge.AmendCopies,
  ): Omit<CopyChange, 'sequence'> {
    const inPlace = inPlaceOf(copy, request, { action: wish.recall ? 'recall' : 'replace' }, nodeBytes);
    const expiresAt = wish.expiresAt === 0 ? undefined : wish.expiresAt;
    return { next: inPlace && { request: serialise(inPlace, nodeBytes), expiresAt }, keepers: plan.keepers };
  }

  /** The copies that can be amended; they are held from the moment of the decision. */
  private async meant(sequences: readonly number[], surroundings: Surroundings): Promise<readonly Meant[]> {
    const found: Meant[] = [];
    for (const sequence of sequences) {
      const copy = await this.look(sequence, surroundings);
      if (copy !== undefined) found.push(copy);
    }
    return found;
  }

  /** Reads a copy, then decides and holds it in one turn, so that no drain begins in between; undefined: it is gone or over. */
  private async look(sequence: number, { remembered, isSending }: Surroundings): Promise<Meant | undefined> {
    const { stored, options } = this;
    const copy = await stored.readStored(sequence);
    if (copy?.sequence !== sequence || stored.isSwept(sequence)) return undefined;
    const mail = stored.mailOf(copy);
    const now = options.clock.wallTime();
    const request = requestIn(copy.message.request);
    if (request === undefined || stored.isOfEarlier(mail) || isOver(mail, now)) return undefined;
    stored.hold(sequence);
    const plan = planAmendment(mail, stored.mailbox, remembered, (device) => isSending(device, sequence), now);
    return { sequence, request, plan };
  }

  private async someWait(sequences: readonly number[], surroundings: Surroundings): Promise<boolean> {
    try {
      for (const sequence of sequences) if ((await this.look(sequence, surroundings))?.plan.waits === true) return true;
      return false;
    } finally {
      this.stored.release();
    }
  }

  /** Looks through the copies that were stored since it was last asked, and what goes in their place. */
  private async learnNames(): Promise<void> {
    const { stored, names } = this;
    for (let copy = await stored.readStored(names.upTo + 1); copy !== undefined;) {
      const { sequence, message } = copy;
      this.learn(sequence, message.request);
      const content = stored.mailbox.amended.get(sequence)?.content ?? 0;
      if (content !== 0) this.learn(sequence, await stored.contentAt(content));
      if (wasRecalled(stored.mailbox.amended.get(sequence))) this.noteRecalled(sequence);
      names.upTo = sequence;
      copy = await stored.readStored(sequence + 1);
    }
  }

  private noteRecalled(sequence: number): void {
    this.recalled.add(sequence);
    const [oldest] = this.recalled;
    if (this.recalled.size > mostRecalled && oldest !== undefined) this.recalled.delete(oldest);
  }

  private learn(sequence: number, octets: Uint8Array | undefined): void {
    const request = octets && requestIn(octets);
    if (request !== undefined) this.names.add(sequence, request);
  }
}

function nameIn({ byCallId, reference, cseq }: edge.AmendCopies): MessageName {
  return byCallId ? { by: 'call-id', reference, cSeq: cseq } : { by: 'message-id', reference };
}

function nothing(outcome: string): edge.AmendedCopies {
  return { outcome, devices: [], waits: false };
}
