import type { SipResponse } from '@parley/sip';
import type { Fate } from '../../mailbox/fate.ts';
import { pauseAfter } from '../../mailbox/fate.ts';
import type { Mail } from '../../mailbox/mail.ts';
import { advanced, cursorOf, emptied, isLostWith, isOver, registered, waits } from '../../mailbox/mailbox.ts';
import { byDevice } from '../../mailbox/plan-delivery.ts';
import type { Binding } from '../../registrar/binding.ts';
import { CopyFinder } from './copy-finder.ts';
import type { Found } from './copy-finder.ts';
import { deliver } from './delivery-attempt.ts';
import { sweepOf, tell } from './mail-fates.ts';
import type { MailDrainOptions } from './mail-fates.ts';
import type { FoundCopy, StoredMailbox } from './stored-mailbox.ts';

/** Why a drain stopped: nothing is left, nobody is there, or it goes on after milliseconds. */
export type DrainEnd = { readonly kind: 'empty' | 'away' } | { readonly kind: 'later'; readonly delay: number };

/** Copies delivered between two sweeps at most: bounds what is remembered of those that are done. */
const sweepEvery = 1_000;
/** Milliseconds between two sweeps: a mailbox that was full takes new mail while it is emptied. */
const sweepPause = 2_000;
/** Milliseconds before mail of an account is looked at again that this edge has not heard of yet. */
const newsPause = 1_000;
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
  private readonly options: MailDrainOptions;
  private readonly stored: StoredMailbox;
  private readonly device: string;
  private readonly attempts: Attempts;
  private readonly finder: CopyFinder;
  /** The copy that is tried, how often it was, and how often in vain since the device last registered. */
  private current = { sequence: 0, tries: 0, failures: 0 };
  /** Routes that the attempt under way went over, and how to give it up. */
  private underWay: { readonly routes: ReadonlySet<string>; readonly giveUp: () => void } | undefined;
  /** The copy that an attempt is under way with, until what came of it is noted; 0: none. */
  private trying = 0;
  /** The copy that the device may have got without our knowing; 0: none. */
  private sent = 0;
  private impatient = false;
  private again = false;
  private hurried = false;
  /** The REGISTERs that it last hurried for. */
  private hurriedFor: string | undefined;
  /** Whether it runs. */
  running = false;
  /** Whether a timer will run it again. */
  isPausing = false;
  closed = false;
  /** Settles when it does not run any more. */
  ended: Promise<unknown> = Promise.resolve();

  constructor(options: MailDrainOptions, stored: StoredMailbox, device: string, attempts: Attempts) {
    this.options = options;
    this.stored = stored;
    this.device = device;
    this.attempts = attempts;
    this.finder = new CopyFinder(options, stored, device, attempts.isTried);
  }

  /**
   * The device registered: what was waited for has happened, and an attempt over an older way is given up. One REGISTER
   * is told of by the edge that took it and by the watched copy of the bindings: it hurries once.
   *
   * @returns whether this is news
   */
  hurry(): boolean {
    const hurriedFor = this.live()
      .map((binding) => `${routeOf(binding)} ${binding.refreshedAt}`)
      .join();
    if (this.hurriedFor === hurriedFor) return false;
    this.hurriedFor = hurriedFor;
    this.impatient = this.hurried = true;
    this.current = { ...this.current, failures: 0 };
    const { underWay } = this;
    if (underWay !== undefined && this.isSuperseded(underWay.routes)) underWay.giveUp();
    return true;
  }

  /**
   * Whether the device came by a way that an attempt over these routes does not know: they may hang. A further flow of
   * the device beside one of them that it keeps is no sign of that.
   *
   * @spec RFC 5626 §4.2.1, §6
   */
  private isSuperseded(routes: ReadonlySet<string>): boolean {
    const live = this.live();
    const isKept = live.some((binding) => binding.outbound && routes.has(routeOf(binding)));
    return live.some((binding) => !routes.has(routeOf(binding)) && !(isKept && binding.outbound));
  }

  /** Whether a copy is on its way to the device, or may have reached it. */
  isSending(sequence: number): boolean {
    return this.sent === sequence;
  }

  /** Whether an attempt with a copy is under way. */
  isTrying(sequence: number): boolean {
    return this.trying === sequence;
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
      const wait = this.waitFor(found.mail);
      if (wait > 0) return { kind: 'later', delay: wait };
      const end = await this.attempt(found).finally(() => {
        this.trying = 0;
      });
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

  /** Milliseconds before a copy may be tried. */
  private waitFor({ notBefore, accountSince }: Mail): number {
    const { accountSince: known, clock } = this.options;
    if (accountSince > known(this.stored.account)) return newsPause;
    return this.impatient ? 0 : notBefore - clock.wallTime();
  }

  /** One attempt with one copy; undefined when the next may follow at once. */
  private async attempt({ mail, copy }: Found): Promise<DrainEnd | undefined> {
    const { stored, device, options } = this;
    const { sequence } = mail;
    const { request } = copy.message;
    const bindings = this.live();
    if (bindings.length === 0) return { kind: 'away' };
    if (!cursorOf(stored.mailbox, device).waiting) {
      stored.mailbox = waits(stored.mailbox, device);
      await stored.summarise();
    }
    // Until this is stored, a crash would repeat what went before.
    await stored.persist();
    if (this.closed || !stored.isOwned) return { kind: 'away' };
    if (stored.isHeld(sequence)) return { kind: 'later', delay: heldPause };
    // Amended while it was read: what is found now is another.
    if (!stored.isCurrent(copy, device)) return undefined;
    if (this.current.sequence !== sequence) this.current = { sequence, tries: 0, failures: 0 };
    const { tries } = this.current;
    this.current = { ...this.current, tries: tries + 1 };
    const { account } = stored;
    this.sent = this.trying = sequence;
    let answer: SipResponse | undefined;
    const refused = (response: SipResponse): void => {
      answer = response;
    };
    const delivery = deliver(options, { account, device, sequence, request, bindings, tries, refused });
    this.finder.readAhead(sequence + 1);
    const fate = await this.orGivenUp(bindings, delivery);
    if (fate === 'refused' && isLostWith(mail, device, stored.mailbox))
      await tell(options, account, request, { kind: 'refused', device, answer });
    if (fate === 'taken' || fate === 'refused')
      options.hooks.traces?.ended(account, device, request, fate === 'taken' ? fate : answer);
    return fate === 'given up' ? undefined : this.learn(copy, fate);
  }

  private learn(copy: FoundCopy, fate: Fate): DrainEnd | undefined {
    const { sequence } = copy;
    const { stored, device, options } = this;
    if (fate === 'taken' || fate === 'refused') {
      options.drained(fate === 'taken' ? 'delivered' : 'refused');
      stored.mailbox = advanced(stored.mailbox, device, sequence);
      return undefined;
    }
    options.drained('retried');
    this.sent = 0;
    // Its time ended while it was on its way: nobody else will tell.
    if (isOver(stored.mailFor(copy), options.clock.wallTime())) return undefined;
    this.impatient = false;
    this.current = { ...this.current, failures: this.current.failures + 1 };
    return { kind: 'later', delay: pauseAfter(this.current.failures) };
  }

  private orGivenUp(bindings: readonly Binding[], attempt: Promise<Fate>): Promise<Fate | 'given up'> {
    const { promise, resolve } = Promise.withResolvers<'given up'>();
    const giveUp = (): void => {
      resolve('given up');
    };
    this.underWay = { routes: new Set(bindings.map(routeOf)), giveUp };
    return Promise.race([attempt, promise]).finally(() => {
      this.underWay = undefined;
    });
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
      this.impatient = false;
    }
    await this.sweep();
    await Promise.all([stored.persist(), stored.summarise()]);
    return { kind: 'empty' };
  }

  private sweep(): Promise<void> {
    return this.stored.sweep(sweepOf(this.options, this.stored, this.remembered(), this.attempts.isOnItsWay));
  }

  private remembered(): ReadonlySet<string> {
    return new Set([...this.options.devices.remembered(this.stored.account), this.device]);
  }

  private live(): readonly Binding[] {
    return byDevice(this.options.bindings.live(this.stored.account)).get(this.device) ?? [];
  }
}

function routeOf({ edgeInstance, flow, target }: Binding): string {
  return `${edgeInstance} ${flow} ${target}`;
}
