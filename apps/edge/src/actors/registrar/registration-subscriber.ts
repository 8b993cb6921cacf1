import type { Cancel, Clock } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import type { BindingEvent } from '../../location/binding-book.ts';
import type { Binding } from '../../registrar/binding.ts';
import type { Gruus } from '../../registrar/gruus.ts';
import type { News } from '../../registration-events/news.ts';
import { contactInfo, noNews, standing, withEvent } from '../../registration-events/news.ts';
import { reginfoDocument } from '../../registration-events/reginfo.ts';
import type { EndReason, Subscription } from '../../registration-events/subscription.ts';
import { notify } from '../../registration-events/subscription.ts';

/** Milliseconds between two NOTIFYs that changes bring about. @spec RFC 3680 §4.10 */
const pace = 5_000;

/** What a subscriber needs of its surroundings. */
export interface SubscriberHost {
  readonly clock: Clock;
  readonly gruus: Pick<Gruus, 'publicFor' | 'temporaryFor'>;
  /** Address-of-record of an account. */
  addressOf(account: string): string;
  bindingsOf(account: string): readonly Binding[];
  /** Sends a NOTIFY; whether the subscriber still wants more. @spec RFC 6665 §4.2.2 */
  send(request: SipRequest, flow: string): Promise<boolean>;
  /** Nothing more is sent. */
  ended(subscriber: RegistrationSubscriber): void;
}

/** What the next NOTIFY is to tell. */
type Telling = { readonly kind: 'whole' } | { readonly kind: 'changes'; readonly news: News };

/**
 * Tells one subscriber of the bindings of an account, one NOTIFY at a time: at first and after each SUBSCRIBE the whole,
 * then what changes, gathered for some seconds.
 *
 * @spec RFC 3680 §4.7, RFC 6665 §4.2
 */
export class RegistrationSubscriber {
  subscription: Subscription;
  private readonly host: SubscriberHost;
  private telling: Telling = { kind: 'whole' };
  private end: EndReason | undefined;
  private sending = false;
  private over = false;
  /** Monotonic milliseconds before which changes wait. */
  private restUntil = 0;
  private stopResting: Cancel | undefined;
  private stopExpiry: Cancel | undefined;

  constructor(subscription: Subscription, host: SubscriberHost) {
    this.subscription = subscription;
    this.host = host;
  }

  /** Whether its last word is said, or about to be. */
  get isEnding(): boolean {
    return this.end !== undefined;
  }

  /** A SUBSCRIBE was accepted: the whole state follows at once. @spec RFC 6665 §4.2.1.2 */
  subscribed(subscription: Subscription): void {
    this.subscription = subscription;
    this.telling = { kind: 'whole' };
    this.stopExpiry?.();
    const left = subscription.expiresAt - this.host.clock.wallTime();
    if (left <= 0) this.finish('timeout');
    else {
      this.stopExpiry = this.host.clock.after(left, () => {
        this.finish('timeout');
      });
      this.look();
    }
  }

  /** Something happened to a binding. */
  hear(event: BindingEvent): void {
    if (this.telling.kind === 'changes') {
      this.telling = { kind: 'changes', news: withEvent(this.telling.news, event) };
    }
    this.look();
  }

  /** The subscription is over, with a last word. */
  finish(reason: EndReason): void {
    this.end ??= reason;
    this.look();
  }

  /** Nothing is sent any more. */
  forget(): void {
    this.over = true;
    this.stopResting?.();
    this.stopExpiry?.();
  }

  private look(): void {
    if (this.over || this.sending) return;
    if (this.end !== undefined) this.send(this.whole(), this.end);
    else if (this.telling.kind === 'whole') this.send(this.whole(), undefined);
    else if (this.telling.news.size > 0) this.sendChanges(this.telling.news);
  }

  private sendChanges(news: News): void {
    const { clock } = this.host;
    const rest = this.restUntil - clock.now();
    if (rest <= 0) {
      this.restUntil = clock.now() + pace;
      this.send(this.changes(news), undefined);
    } else
      this.stopResting ??= clock.after(rest, () => {
        this.stopResting = undefined;
        this.look();
      });
  }

  private send(document: Uint8Array, end: EndReason | undefined): void {
    const { host } = this;
    const [request, subscription] = notify(this.subscription, document, end, host.clock.wallTime());
    this.subscription = subscription;
    this.telling = { kind: 'changes', news: noNews };
    this.sending = true;
    void host.send(request, subscription.flow).then((goesOn) => {
      this.sending = false;
      if (goesOn && end === undefined) this.look();
      else {
        this.forget();
        host.ended(this);
      }
    });
  }

  private whole(): Uint8Array {
    const { account, version } = this.subscription;
    const bindings = this.host.bindingsOf(account);
    const contacts = bindings.map((binding) => contactInfo(standing(binding), this.tellingNow()));
    const registration = bindings.length > 0 ? 'active' : 'init';
    return reginfoDocument({ version, state: 'full', aor: this.host.addressOf(account), registration, contacts });
  }

  private changes(news: News): Uint8Array {
    const { account, version } = this.subscription;
    const contacts = [...news.values()].map((event) => contactInfo(event, this.tellingNow()));
    const registration = this.host.bindingsOf(account).length > 0 ? 'active' : 'terminated';
    return reginfoDocument({ version, state: 'partial', aor: this.host.addressOf(account), registration, contacts });
  }

  private tellingNow(): Parameters<typeof contactInfo>[1] {
    const { gruus, clock } = this.host;
    return { account: this.subscription.account, gruus, now: clock.wallTime() };
  }
}
