/** Octets that wait for the store above which their sender has to wait. */
const behindBytes = 1024 * 1024;

/** Octets that wait for the store above which a content is given up; a store that is away takes none. */
const mostBytes = 8 * 1024 * 1024;

/** A large content on its way to the object store, while it still comes. */
export class ObjectUpload implements AsyncIterable<Uint8Array> {
  /** Under which the object store has it. */
  readonly name: string;
  /** Octets that were added. */
  size = 0;
  isGivenUp = false;
  /** Whether the store has all of it; settles once {@link end} or {@link giveUp} was called. */
  stored: Promise<boolean> = Promise.resolve(false);
  private pieces: Uint8Array[] = [];
  private waiting = 0;
  private isEnded = false;
  private isSilent = false;
  private waitedAtCheck = -1;
  private wake: (() => void) | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get isBehind(): boolean {
    return this.waiting > behindBytes && !this.isSilent;
  }

  /** Has it stored while it comes. */
  storeWith(put: (pieces: AsyncIterable<Uint8Array>) => Promise<{ readonly ok: boolean }>): void {
    this.stored = put(this).then(({ ok }) => {
      if (!ok) this.giveUp();
      return ok;
    });
  }

  add(piece: Uint8Array): void {
    if (this.isGivenUp) return;
    this.pieces.push(piece);
    this.size += piece.length;
    this.waiting += piece.length;
    if (this.waiting > mostBytes) this.giveUp();
    this.wake?.();
  }

  end(): void {
    this.isEnded = true;
    this.wake?.();
  }

  giveUp(): void {
    this.isGivenUp = true;
    this.pieces = [];
    this.waiting = 0;
    this.wake?.();
  }

  /** Notes when the store took nothing since the last call. */
  checkProgress(): void {
    this.isSilent = this.waiting >= this.waitedAtCheck && this.waitedAtCheck > 0;
    this.waitedAtCheck = this.waiting;
  }

  /** What was added, as it is added; throws when it is given up, so that the store keeps nothing of it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.isGivenUp) throw new Error('the message was given up');
      const piece = this.pieces.shift();
      if (piece !== undefined) {
        yield piece;
        this.waiting -= piece.length;
        this.isSilent = false;
      } else if (this.isEnded) return;
      else await this.more();
    }
  }

  private async more(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = undefined;
  }
}
