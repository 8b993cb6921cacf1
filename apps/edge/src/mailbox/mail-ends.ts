/** A copy that was stored, as far as its end goes. */
interface EndingCopy {
  readonly sequence: number;
  /** Wall time in milliseconds; absent or 0: it has none. */
  readonly expiresAt?: number | undefined;
}

/** Ends that are remembered for one mailbox; who has more hears of them at the next patrol. */
const most = 1_000;

/** When copies of a mailbox end, so that their senders hear of it then. */
export class MailEnds {
  /** By sequence. */
  private readonly ends = new Map<number, number>();

  /** Copies were stored. @param before - wall time in milliseconds; later ends are not remembered */
  note(copies: readonly EndingCopy[], before: number): void {
    for (const { sequence, expiresAt = 0 } of copies) {
      if (expiresAt !== 0 && expiresAt < before && this.ends.size < most) this.ends.set(sequence, expiresAt);
    }
  }

  /** Wall time in milliseconds of the first end to come; Infinity: none is known. */
  get first(): number {
    return Math.min(...this.ends.values());
  }

  /** Takes the copies whose time is over. */
  take(now: number): readonly number[] {
    const over = [...this.ends].filter(([, end]) => end <= now).map(([sequence]) => sequence);
    for (const sequence of over) this.ends.delete(sequence);
    return over;
  }
}
