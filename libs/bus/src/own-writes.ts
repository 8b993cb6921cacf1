import type { BucketEvent } from './bucket.ts';

/**
 * Which of two reports of a key is the newer, for whoever keeps a copy of a bucket both from its watch and from what it
 * writes itself: an acknowledgement may overtake what the watch has to tell, or be overtaken by it.
 */
export class OwnWrites {
  /** The newest revision that the watch told, of whatever key: what is older was told too, or will never be. */
  private toldTo = 0;
  /** What is known here, and the watch has not told yet. */
  private readonly ahead = new Map<string, number>();

  /** Whether a revision that the store acknowledged, or was read, is newer than what the watch has told. */
  isNews(key: string, revision: number): boolean {
    if (revision <= this.toldTo || revision < (this.ahead.get(key) ?? 0)) return false;
    this.ahead.set(key, revision);
    return true;
  }

  /** Whether what the watch is about to tell is a write that was acknowledged here. */
  isOwn({ key, revision }: BucketEvent<unknown>): boolean {
    return revision !== undefined && this.ahead.get(key) === revision;
  }

  /** Whether what the watch tells is to be taken: it is no older than what is known here. */
  hears({ key, revision = Infinity }: BucketEvent<unknown>): boolean {
    if (revision > this.toldTo && revision < Infinity) this.toldTo = revision;
    if (revision < (this.ahead.get(key) ?? 0)) return false;
    this.ahead.delete(key);
    return true;
  }
}
