import type { Flow } from '../flow.ts';
import type { ClientRecord } from './client-transaction.ts';
import { Link } from './ring.ts';

/** Client transactions that wait for an answer, by the flow whose end would end them. */
export class PendingByFlow {
  private readonly rings = new Map<Flow, Link<ClientRecord>>();

  add(record: ClientRecord): void {
    let ring = this.rings.get(record.flow);
    if (ring === undefined) {
      ring = new Link();
      this.rings.set(record.flow, ring);
    }
    record.pending.joinBefore(ring);
  }

  remove(record: ClientRecord): void {
    const { pending, flow } = record;
    const last = pending.next === pending.previous && !pending.alone;
    pending.leave();
    if (last) this.rings.delete(flow);
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
}
