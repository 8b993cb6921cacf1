import type { SwitchLimits } from '../limits.ts';
import type { IncomingMessage } from './incoming-message.ts';

/** The octets of messages that are read whole, held until their ends have come: of one session and of all it is bounded. */
export class GatheringBudget {
  private readonly limits: Pick<SwitchLimits, 'gatheredBytes' | 'gatheredBytesOfAll'>;
  private readonly held = new Map<IncomingMessage, number>();
  private readonly bySession = new Map<object, number>();
  private ofAll = 0;

  constructor(limits: Pick<SwitchLimits, 'gatheredBytes' | 'gatheredBytesOfAll'>) {
    this.limits = limits;
  }

  /** Counts what of a message is held from now on; false where that is too much. */
  hold(message: IncomingMessage, octets: number): boolean {
    const { gatheredBytes, gatheredBytesOfAll } = this.limits;
    this.held.set(message, (this.held.get(message) ?? 0) + octets);
    const ofOne = this.count(message.source, octets);
    return ofOne <= gatheredBytes && this.ofAll <= gatheredBytesOfAll;
  }

  /** Nothing of a message is held any more. */
  release(message: IncomingMessage): void {
    const octets = this.held.get(message);
    if (octets === undefined) return;
    this.held.delete(message);
    this.count(message.source, -octets);
  }

  private count(session: object, change: number): number {
    const octets = (this.bySession.get(session) ?? 0) + change;
    if (octets === 0) this.bySession.delete(session);
    else this.bySession.set(session, octets);
    this.ofAll += change;
    return octets;
  }
}
