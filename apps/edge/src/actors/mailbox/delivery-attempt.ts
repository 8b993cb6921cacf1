import { createHash } from 'node:crypto';
import { nodeBytes } from '@parley/service';
import type { SipRequest, SipResponse } from '@parley/sip';
import { field, parseSipMessage, withField } from '@parley/sip';
import { magicCookie } from '@parley/sip-stack';
import { FlowAttempt } from '../../flows/next-flow.ts';
import type { Fate } from '../../mailbox/fate.ts';
import { fateOf } from '../../mailbox/fate.ts';
import type { DeliveryHooks } from '../../mailbox/delivery-hooks.ts';
import type { Binding } from '../../registrar/binding.ts';
import type { Target } from '../../registrar/targets.ts';
import { flowsOf } from '../../registrar/targets.ts';
import { copyFor } from '../../routing/forward-request.ts';
import { targetsFor } from '../../routing/secure-targets.ts';
import { wayTo } from '../../routing/way.ts';
import type { BranchUser, Sender } from '../proxy/sender.ts';

/** Max-Forwards of a stored copy: its way begins here. @spec RFC 3261 §8.1.1.6 */
const firstMaxForwards = 70;

/** One copy, and the device that it goes to. */
export interface Delivery {
  readonly account: string;
  readonly device: string;
  readonly sequence: number;
  readonly request: Uint8Array;
  readonly bindings: readonly Binding[];
  /** Earlier attempts with this copy in this life. */
  readonly tries: number;
  /** Hears with what the device refused it for good. */
  readonly refused: (answer: SipResponse) => void;
}

/** What an attempt is made with. */
export interface DeliveryMeans {
  readonly sender: Pick<Sender, 'send'>;
  readonly hooks: DeliveryHooks;
  readonly instance: string;
}

/**
 * Sends a stored copy to all bindings of a device, in branches that follow from the copy: when the attempt is repeated
 * after a crash, the device sees a retransmission.
 *
 * @returns the first 2xx, or what all branches together mean; `refused` for a `sips:` message where the device has no `sips:` contact
 * @spec RFC 3261 §17.1.3, §8.1.1.7
 */
export function deliver(means: DeliveryMeans, delivery: Delivery): Promise<Fate> {
  const stored = requestIn(delivery.request);
  if (stored === undefined) return Promise.resolve('refused');
  const content = means.hooks.contentFor(delivery.account, delivery.device, stored);
  if (content === undefined) return Promise.resolve('taken');
  // Kept, what this device cannot be sent as its sender asked would hold up all that comes behind it.
  const bindings = targetsFor(stored, delivery.bindings);
  if (bindings.length === 0) return Promise.resolve('refused');
  return new Promise((resolve) => {
    new DeliveryAttempt(means, { ...delivery, bindings }, stored, resolve).send(content);
  });
}

/** The request of a stored copy; undefined when it is none. */
export function requestIn(bytes: Uint8Array): SipRequest | undefined {
  const parsed = parseSipMessage(bytes, { codec: nodeBytes });
  return parsed.ok && parsed.value.kind === 'request' ? parsed.value : undefined;
}

function branchOf({ account, sequence, tries }: Delivery, { key }: Binding, form: string): string {
  const digest = createHash('sha256').update(`${account}\n${sequence}\n${key}\n${tries}${form}`).digest('hex');
  return `${magicCookie}.${digest.slice(0, 32)}`;
}

/** What several branches mean together, from what decides most. */
const order: readonly Fate[] = ['taken', 'later', 'refused', 'unreached'];

/** Waits for the branches of one attempt. */
class DeliveryAttempt {
  private readonly means: DeliveryMeans;
  private readonly delivery: Delivery;
  private readonly stored: SipRequest;
  private readonly resolve: (fate: Fate) => void;
  private readonly fates = new Set<Fate>();
  private readonly targets: readonly Target[];
  private pending: number;

  constructor(means: DeliveryMeans, delivery: Delivery, stored: SipRequest, resolve: (fate: Fate) => void) {
    this.means = means;
    this.delivery = delivery;
    this.stored = stored;
    this.resolve = resolve;
    this.targets = flowsOf(delivery.bindings);
    this.pending = this.targets.length;
  }

  send(content: SipRequest): void {
    for (const target of this.targets) this.sendTo(target, content, false);
  }

  /** The final response of a branch: the end of it, unless the device can be sent another form. */
  take(response: SipResponse, { target, content, isSecond }: DeliveryBranch): void {
    const { account, device } = this.delivery;
    const { hooks } = this.means;
    const fate = fateOf(response.statusCode);
    const instead = fate === 'refused' && !isSecond ? hooks.instead(account, device, this.stored, response) : undefined;
    if (instead !== undefined) {
      this.sendTo(target, instead, true);
      return;
    }
    if (fate === 'refused') this.delivery.refused(response);
    const isAdapted = fate === 'taken' && content !== this.stored;
    const told = isAdapted ? hooks.became(account, this.stored, { kind: 'adapted', device, sent: content }) : undefined;
    if (told === undefined) this.end(fate);
    else {
      void told.then(() => {
        this.end(fate);
      });
    }
  }

  end(fate: Fate): void {
    this.pending--;
    this.fates.add(fate);
    if (fate === 'taken' || this.pending === 0) this.resolve(order.find((each) => this.fates.has(each)) ?? 'unreached');
  }

  /** Over one flow of the device, and over the next when that one fails. @spec RFC 5626 §7 */
  private sendTo(target: Target, content: SipRequest, isSecond: boolean): void {
    const [binding, next, ...others] = target;
    const { sender, instance } = this.means;
    const request = copyFor(withField(content, field.maxForwards, firstMaxForwards), binding.target, binding.path);
    const mark = { exactly: branchOf(this.delivery, binding, isSecond ? '\nsecond' : '') };
    const branch = new DeliveryBranch(this, target, content, isSecond);
    const tryNext = (flow: Binding): boolean => {
      this.sendTo([flow, ...others], content, isSecond);
      return true;
    };
    const user = next === undefined ? branch : new FlowAttempt(branch, () => tryNext(next));
    sender.send(request, wayTo(binding, instance), user, mark);
  }
}

/** One branch of an attempt. */
class DeliveryBranch implements BranchUser {
  readonly target: Target;
  readonly content: SipRequest;
  readonly isSecond: boolean;
  private readonly attempt: DeliveryAttempt;

  constructor(attempt: DeliveryAttempt, target: Target, content: SipRequest, isSecond: boolean) {
    this.attempt = attempt;
    this.target = target;
    this.content = content;
    this.isSecond = isSecond;
  }

  sent(): void {}

  onProvisional(): void {}

  onFinal(response: SipResponse): void {
    this.attempt.take(response, this);
  }

  onTimeout(): void {
    this.attempt.end('unreached');
  }

  onTransportError(): void {
    this.attempt.end('unreached');
  }

  take(response: SipResponse): void {
    this.attempt.take(response, this);
  }

  lose(): void {
    this.attempt.end('unreached');
  }
}
