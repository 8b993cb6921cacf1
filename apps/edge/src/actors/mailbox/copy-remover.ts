import type { MessageStream } from '@parley/bus';
import { mailboxSubject } from '@parley/contracts';

/** Removals under way at the same time, at least and at most; more while more wait. */
const lanes = { fewest: 1, most: 32 };
/** Removals that wait for each lane. */
const perLane = 256;

/** What the store takes for it, in microseconds: to remove one message, and to purge a subject for each message of the stream. */
const cost = { removal: 50, purgePerMessage: 0.15 };

/**
 * Takes out of the stream what nobody needs any more, behind what is more urgent. A purge by subject is one request but
 * looks at every message of the stream; so it is left for when removals one by one take longer. What is not
 * removed, because the edge or NATS died, lies below every cursor and is found again.
 */
export class CopyRemover {
  private readonly stream: Pick<MessageStream<unknown>, 'remove' | 'purge'>;
  private readonly stored: () => number;
  private waiting: number[] = [];
  private running = 0;

  /** @param stored - copies in all mailboxes, about */
  constructor(stream: Pick<MessageStream<unknown>, 'remove' | 'purge'>, stored: () => number) {
    this.stream = stream;
    this.stored = stored;
  }

  /** All copies of an account below a sequence, which are these. */
  remove(account: string, sequences: readonly number[], below: number): void {
    if (sequences.length * cost.removal > this.stored() * cost.purgePerMessage) {
      void this.stream.purge(mailboxSubject(account), below);
      return;
    }
    for (const sequence of sequences) this.waiting.push(sequence);
    this.work();
  }

  /** One copy, wherever it stands; resolves when it is gone, or cannot be removed now. */
  async removeOne(sequence: number): Promise<void> {
    await this.stream.remove(sequence);
  }

  private work(): void {
    const wanted = Math.min(lanes.most, lanes.fewest + Math.floor(this.waiting.length / perLane));
    while (this.running < wanted && this.waiting.length > 0) void this.lane();
  }

  private async lane(): Promise<void> {
    this.running++;
    for (let next = this.waiting.pop(); next !== undefined; next = this.waiting.pop()) await this.stream.remove(next);
    this.running--;
  }
}
