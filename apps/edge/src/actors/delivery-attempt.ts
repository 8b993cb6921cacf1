import { createHash } from 'node:crypto';
import { nodeBytes } from '@parley/service';
import type { SipRequest, SipResponse } from '@parley/sip';
import { field, parseSipMessage, withField } from '@parley/sip';
import { magicCookie } from '@parley/sip-stack';
import type { Fate } from '../mailbox/fate.ts';
import { fateOf } from '../mailbox/fate.ts';
import type { Binding } from '../registrar/binding.ts';
import { copyFor } from '../routing/forward-request.ts';
import { wayTo } from '../routing/way.ts';
import type { BranchUser, Sender } from './sender.ts';

/** Max-Forwards of a stored copy: its way begins here. @spec RFC 3261 §8.1.1.6 */
const firstMaxForwards = 70;

/** One copy, and the device that it goes to. */
export interface Delivery {
  readonly account: string;
  readonly sequence: number;
  readonly request: Uint8Array;
  readonly bindings: readonly Binding[];
  /** Earlier attempts with this copy in this life. */
  readonly tries: number;
}

/**
 * Sends a stored copy to all bindings of a device, in branches that follow from the copy: when the attempt is repeated
 * after a crash, the device sees a retransmission.
 *
 * @returns the first 2xx, or what all branches together mean
 * @spec RFC 3261 §17.1.3, §8.1.1.7
 */
export function deliver(sender: Pick<Sender, 'send'>, instance: string, delivery: Delivery): Promise<Fate> {
  const { request, bindings } = delivery;
  const parsed = parseSipMessage(request, { codec: nodeBytes });
  if (!parsed.ok || parsed.value.kind !== 'request') return Promise.resolve('refused');
  const copy: SipRequest = withField(parsed.value, field.maxForwards, firstMaxForwards);
  return new Promise((resolve) => {
    const attempt = new DeliveryAttempt(bindings.length, resolve);
    for (const binding of bindings) {
      const mark = { exactly: branchOf(delivery, binding) };
      sender.send(copyFor(copy, binding.target, binding.path), wayTo(binding, instance), attempt, mark);
    }
  });
}

function branchOf({ account, sequence, tries }: Delivery, { key }: Binding): string {
  const digest = createHash('sha256').update(`${account}\n${sequence}\n${key}\n${tries}`).digest('hex');
  return `${magicCookie}.${digest.slice(0, 32)}`;
}

/** What several branches mean together, from what decides most. */
const order: readonly Fate[] = ['taken', 'later', 'refused', 'unreached'];

/** Waits for the branches of one attempt. */
class DeliveryAttempt implements BranchUser {
  private pending: number;
  private readonly fates = new Set<Fate>();
  private readonly resolve: (fate: Fate) => void;

  constructor(branches: number, resolve: (fate: Fate) => void) {
    this.pending = branches;
    this.resolve = resolve;
  }

  sent(): void {}

  onProvisional(): void {}

  onFinal(response: SipResponse): void {
    this.take(response);
  }

  onTimeout(): void {
    this.end('unreached');
  }

  onTransportError(): void {
    this.end('unreached');
  }

  take(response: SipResponse): void {
    this.end(fateOf(response.statusCode));
  }

  lose(): void {
    this.end('unreached');
  }

  private end(fate: Fate): void {
    this.pending--;
    this.fates.add(fate);
    if (fate === 'taken' || this.pending === 0) this.resolve(order.find((each) => this.fates.has(each)) ?? 'unreached');
  }
}
