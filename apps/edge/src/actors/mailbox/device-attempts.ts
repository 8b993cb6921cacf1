import type { SipResponse } from '@parley/sip';
import type { Fate } from '../../mailbox/fate.ts';
import { pauseAfter } from '../../mailbox/fate.ts';
import type { Mail } from '../../mailbox/mail.ts';
import { advanced, hasTaken, isLostWith, isOver, taken } from '../../mailbox/mailbox.ts';
import type { Binding } from '../../registrar/binding.ts';
import type { Found } from './copy-finder.ts';
import { deliver } from './delivery-attempt.ts';
import { tellOnce } from './mail-fates.ts';
import type { MailDrainOptions } from './mail-fates.ts';
import type { FoundCopy, StoredMailbox } from './stored-mailbox.ts';

/** Milliseconds before mail of an account is looked at again that this edge has not heard of yet. */
const newsPause = 1_000;

/** Tries to bring copies to one device, one at a time, and knows when the next try may be. */
export class DeviceAttempts {
  private readonly options: MailDrainOptions;
  private readonly stored: StoredMailbox;
  private readonly device: string;
  /** The copy that is tried, how often it was, and how often in vain since the device last registered. */
  private current = { sequence: 0, tries: 0, failures: 0 };
  /** Routes that the attempt under way went over, and how to give it up. */
  private underWay: { readonly routes: ReadonlySet<string>; readonly giveUp: () => void } | undefined;
  /** The copy that an attempt is under way with, until what came of it is noted; 0: none. */
  private trying = 0;
  /** The copy that the device may have got without our knowing; 0: none. */
  private sent = 0;
  private impatient = false;
  /** The REGISTERs that it last hurried for. */
  private hurriedFor: string | undefined;

  constructor(options: MailDrainOptions, stored: StoredMailbox, device: string) {
    this.options = options;
    this.stored = stored;
    this.device = device;
  }

  /**
   * The device registered: what was waited for has happened, and an attempt over an older way is given up. One REGISTER
   * is told of by the edge that took it and by the watched copy of the bindings: it hurries once.
   *
   * @returns whether this is news
   */
  hurry(live: readonly Binding[]): boolean {
    const hurriedFor = live.map((binding) => `${routeOf(binding)} ${binding.refreshedAt}`).join();
    if (this.hurriedFor === hurriedFor) return false;
    this.hurriedFor = hurriedFor;
    this.impatient = true;
    this.current = { ...this.current, failures: 0 };
    const { underWay } = this;
    if (underWay !== undefined && isSuperseded(underWay.routes, live)) underWay.giveUp();
    return true;
  }

  /** All that a REGISTER hurried is done. */
  calm(): void {
    this.impatient = false;
  }

  /** Whether a copy is on its way to the device, or may have reached it. */
  isSending(sequence: number): boolean {
    return this.sent === sequence;
  }

  /** Whether an attempt with a copy is under way. */
  isTrying(sequence: number): boolean {
    return this.trying === sequence;
  }

  /** Milliseconds before a copy may be tried. */
  waitFor({ notBefore, accountSince }: Mail): number {
    const { accountSince: known, clock } = this.options;
    if (accountSince > known(this.stored.account)) return newsPause;
    return this.impatient ? 0 : notBefore - clock.wallTime();
  }

  /**
   * Sends a copy, and notes what came of it.
   *
   * @returns milliseconds before the device may be tried again
   */
  async attempt(found: Found, bindings: readonly Binding[]): Promise<number> {
    try {
      return await this.send(found, bindings);
    } finally {
      this.trying = 0;
    }
  }

  private async send({ mail, copy }: Found, bindings: readonly Binding[]): Promise<number> {
    const { stored, device, options } = this;
    const { sequence } = mail;
    const { request } = copy.message;
    if (this.current.sequence !== sequence) this.current = { sequence, tries: 0, failures: 0 };
    const { tries } = this.current;
    this.current = { ...this.current, tries: tries + 1 };
    this.sent = this.trying = sequence;
    let answer: SipResponse | undefined;
    const refused = (response: SipResponse): void => {
      answer = response;
    };
    const { account } = stored;
    const delivery = deliver(options, { account, device, sequence, request, bindings, tries, refused });
    const fate = await this.orGivenUp(bindings, delivery);
    if (fate === 'given up') this.mayTake(copy, delivery);
    else if (fate === 'taken') this.took(copy);
    else if (fate === 'refused') await this.refused(mail, copy, answer);
    else return this.failed(copy);
    return 0;
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

  /** Nobody waits for an attempt that was given up; what the device took over the older way it is not sent again and again. */
  private mayTake(copy: FoundCopy, delivery: Promise<Fate>): void {
    void delivery.then((fate) => {
      if (fate !== 'taken' || hasTaken(this.stored.mailbox, this.device, copy.sequence)) return;
      if (this.stored.isReplaced(copy, this.device)) return;
      this.ended(copy, 'taken');
      this.stored.mailbox = taken(this.stored.mailbox, this.device, copy.sequence);
    });
  }

  private took(copy: FoundCopy): void {
    const { stored, device } = this;
    if (!hasTaken(stored.mailbox, device, copy.sequence)) this.ended(copy, 'taken');
    stored.mailbox = advanced(stored.mailbox, device, copy.sequence);
  }

  private async refused(mail: Mail, copy: FoundCopy, answer: SipResponse | undefined): Promise<void> {
    const { stored, device, options } = this;
    // It may have taken what it was sent over an older way meanwhile.
    if (!hasTaken(stored.mailbox, device, copy.sequence)) {
      if (isLostWith(mail, device, stored.mailbox))
        await tellOnce(options, stored, copy, { kind: 'refused', device, answer });
      this.ended(copy, answer);
    }
    stored.mailbox = advanced(stored.mailbox, device, copy.sequence);
  }

  private ended({ message }: FoundCopy, how: 'taken' | SipResponse | undefined): void {
    const { stored, device, options } = this;
    options.drained(how === 'taken' ? 'delivered' : 'refused');
    options.hooks.traces?.ended(stored.account, device, message.request, how);
  }

  private failed(copy: FoundCopy): number {
    this.options.drained('retried');
    this.sent = 0;
    // Its time ended while it was on its way: nobody else will tell.
    if (isOver(this.stored.mailFor(copy), this.options.clock.wallTime())) return 0;
    this.impatient = false;
    this.current = { ...this.current, failures: this.current.failures + 1 };
    return pauseAfter(this.current.failures);
  }
}

/**
 * Whether a device came by a way that an attempt over these routes does not know: they may hang. A further flow of the
 * device beside one of them that it keeps is no sign of that.
 *
 * @spec RFC 5626 §4.2.1, §6
 */
function isSuperseded(routes: ReadonlySet<string>, live: readonly Binding[]): boolean {
  const isKept = live.some((binding) => binding.outbound && routes.has(routeOf(binding)));
  return live.some((binding) => !routes.has(routeOf(binding)) && !(isKept && binding.outbound));
}

function routeOf({ edgeInstance, flow, target }: Binding): string {
  return `${edgeInstance} ${flow} ${target}`;
}
