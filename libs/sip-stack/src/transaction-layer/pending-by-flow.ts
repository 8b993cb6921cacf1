import type { Flow } from '../flow.ts';
import type { ClientRecord } from './client-transaction.ts';
import { Link } from './ring.ts';

/** Rings that are kept at least before the empty ones among them are looked for. */
const leastRings = 64;

/**
 * Client transactions that wait for an answer, by the flow whose end would end them. The ring of a flow outlives its
 * last transaction, since the next one is mostly near; empty rings go when the number of rings has doubled.
 */
export class PendingByFlow {
  private readonly rings = new Map<Flow, Link<ClientRecord>>();
  private sweepAt = leastRings;

  /** Flows for which a ring is kept. */
  get size(): number {
    return this.rings.size;
  }

  add(record: ClientRecord): void {
    record.pending.joinBefore(this.rings.get(record.flow) ?? this.begin(record.flow));
  }

  remove(record: ClientRecord): void {
    record.pending.leave();
  }

  /** Takes out all of a flow. */
  take(flow: Flow): readonly ClientRecord[] {
    const ring = this.rings.get(flow);
    this.rings.delete(flow);
    const taken: ClientRecord[] = [];
    for (let link = ring?.next; link?.owner !== undefined; link = ring?.next) {
      taken.push(link.owner);
      link.leave();
    }
    return taken;
  }

  private begin(flow: Flow): Link<ClientRecord> {
    if (this.rings.size >= this.sweepAt) this.sweep();
    const ring = new Link<ClientRecord>();
    this.rings.set(flow, ring);
    return ring;
  }

  private sweep(): void {
    for (const [flow, ring] of this.rings) if (ring.alone) this.rings.delete(flow);
    this.sweepAt = Math.max(leastRings, 2 * this.rings.size);
  }
}
