import { cursorOf, emptied, hasTaken, isOver, registered, waits } from '../../mailbox/mailbox.ts';
import { byDevice } from '../../mailbox/plan-delivery.ts';
import type { Binding } from '../../registrar/binding.ts';
import { CopyFinder } from './copy-finder.ts';
import type { Found } from './copy-finder.ts';
import { DeviceAttempts } from './device-attempts.ts';
import { sweepOf } from './mail-fates.ts';
import type { MailDrainOptions } from './mail-fates.ts';
import type { StoredMailbox } from './stored-mailbox.ts';

/** Why a drain stopped: nothing is left, nobody is there, or it goes on after milliseconds. */
export type DrainEnd = { readonly kind: 'empty' | 'away' } | { readonly kind: 'later'; readonly delay: number };

/** Copies delivered between two sweeps at most: bounds what is remembered of those that are done. */
const sweepEvery = 1_000;
/** Milliseconds between two sweeps: a mailbox that was full takes new mail while it is emptied. */
const sweepPause = 2_000;
/** Milliseconds before a copy is looked at again that is being amended. */
const heldPause = 50;
/** Milliseconds before a copy is looked at again of which an attempt with another device decides. */
const openPause = 1_000;

/** What the drains of a mailbox know together of a copy. */
export interface Attempts {
  /** Whether it is on its way to a device that has not taken it, or may have reached it: what becomes of it is open. */
  readonly isOnItsWay: (sequence: number) => boolean;
  /** Whether a device is being sent it now. */
  readonly isTried: (sequence: number) => boolean;
}

/** Brings the mail of one account to one of its devices: oldest first, one at a time. */
export class MailDrain {
  /** What is tried with the device. */
  readonly own: DeviceAttempts;
  private readonly options: MailDrainOptions;
  private readonly stored: StoredMailbox;
  private readonly device: string;
  private readonly all: Attempts;
  private readonly finder: CopyFinder;
  private again = false;
  private hurried = false;
  /** Whether it runs. */
  running = false;
  /** Whether a timer will run it again. */
  isPausing = false;
  closed = false;
  /** Settles when it does not run any more. */
  ended: Promise<unknown> = Promise.resolve();

  constructor(options: MailDrainOptions, stored: StoredMailbox, device: string, all: Attempts) {
    this.options = options;
    this.stored = stored;
    this.device = device;
    this.all = all;
    this.own = new DeviceAttempts(options, stored, device);
    this.finder = new CopyFinder(options, stored, device, all.isTried);
  }

  /** The device registered. @returns whether this is news */
  hurry(): boolean {
    if (!this.own.hurry(this.live())) return false;
    this.hurried = true;
    return true;
  }

  /** Something may have been stored. */
  poke(): void {
    this.again = true;
  }

  /** Delivers until nothing is left or nobody takes it. Rejects when the store fails. */
  run(): Promise<DrainEnd> {
    const running = this.passes();
    this.ended = running.catch(() => {});
    return running;
  }

  private async passes(): Promise<DrainEnd> {
    this.running = true;
    try {
      let end = await this.pass();
      while (this.isPoked(end)) end = await this.pass();
      return end;
    } finally {
      this.running = false;
    }
  }

  /** A pause is cut short by a REGISTER, not by new mail. */
  private isPoked({ kind }: DrainEnd): boolean {
    return (kind === 'later' ? this.hurried : this.again) && !this.closed;
  }

  private async pass(): Promise<DrainEnd> {
    const { clock } = this.options;
    this.again = this.hurried = false;
    this.inherit();
    let sweptAt = clock.now();
    for (let delivered = 1; !this.closed && this.stored.isOwned; delivered++) {
      if (this.live().length === 0) return await this.leaveOff();
      const [found] = await Promise.all([this.finder.find(() => this.remembered()), this.stored.persist()]);
      if (found === undefined) return await this.finish();
      if (found === 'open') return { kind: 'later', delay: openPause };
      const wait = this.own.waitFor(found.mail);
      if (wait > 0) return { kind: 'later', delay: wait };
      const end = await this.attempt(found);
      if (end !== undefined) return end;
      if (delivered % sweepEvery !== 0 && clock.now() - sweptAt < sweepPause) continue;
      await this.sweep();
      await this.stored.summarise();
      sweptAt = clock.now();
    }
    return { kind: 'away' };
  }

  /** Who is there gets what was stored before there was any device, though nobody may have told yet that it registered. */
  private inherit(): void {
    const { stored, device } = this;
    if (this.live().length > 0) stored.mailbox = registered(stored.mailbox, [device], this.remembered());
  }

  /** One attempt with one copy; undefined when the next may follow at once. */
  private async attempt(found: Found): Promise<DrainEnd | undefined> {
    const { stored, device } = this;
    const { sequence } = found.mail;
    if (!cursorOf(stored.mailbox, device).waiting) {
      stored.mailbox = waits(stored.mailbox, device);
      await stored.summarise();
    }
    // Until this is stored, a crash would repeat what went before.
    await stored.persist();
    if (this.closed || !stored.isOwned) return { kind: 'away' };
    if (stored.isHeld(sequence)) return { kind: 'later', delay: heldPause };
    if (!this.isStillDue(found)) return undefined;
    // Who registered while the store was waited for is not sent it over the older way.
    const bindings = this.live();
    if (bindings.length === 0) return { kind: 'away' };
    const attempt = this.own.attempt(found, bindings);
    this.finder.readAhead(sequence + 1);
    const delay = await attempt;
    return delay > 0 ? { kind: 'later', delay } : undefined;
  }

  /** Whether it was not amended, cleared, ended, or taken out of turn, while the store was waited for. */
  private isStillDue({ mail: { sequence }, copy }: Found): boolean {
    const { stored, device, options } = this;
    const isCurrent = stored.isCurrent(copy, device) && !hasTaken(stored.mailbox, device, sequence);
    return isCurrent && !isOver(stored.mailFor(copy), options.clock.wallTime());
  }

  /** The device went: what it has taken is noted at once, not at its next REGISTER. */
  private async leaveOff(): Promise<DrainEnd> {
    const { stored, device } = this;
    if (!stored.isDirty) return { kind: 'away' };
    await this.sweep();
    if (!this.again && stored.mailbox.depth === 0) stored.mailbox = emptied(stored.mailbox, device);
    await Promise.all([stored.persist(), stored.summarise()]);
    return { kind: 'away' };
  }

  private async finish(): Promise<DrainEnd> {
    const { stored, device } = this;
    if (!this.again) {
      stored.mailbox = emptied(stored.mailbox, device);
      this.own.calm();
    }
    await this.sweep();
    await Promise.all([stored.persist(), stored.summarise()]);
    return { kind: 'empty' };
  }

  private sweep(): Promise<void> {
    return this.stored.sweep(sweepOf(this.options, this.stored, this.remembered(), this.all.isOnItsWay));
  }

  private remembered(): ReadonlySet<string> {
    return new Set([...this.options.devices.remembered(this.stored.account), this.device]);
  }

  private live(): readonly Binding[] {
    return byDevice(this.options.bindings.live(this.stored.account)).get(this.device) ?? [];
  }
}
