const span = 256;
const words = span / 32;

/**
 * Which counts of one nonce were used: all that matters are the last 256, and those may come in any order. Counts
 * below the window count as used.
 */
export class NonceWindow {
  private highest = 0;
  private readonly used = new Uint32Array(words);

  /** Whether the count (1 to 2^32-1) was never taken. */
  isFree(count: number): boolean {
    if (count > this.highest) return true;
    return count > this.highest - span && count > 0 && ((this.used[this.wordOf(count)] ?? 0) & this.bitOf(count)) === 0;
  }

  /** Marks the count as used. */
  take(count: number): void {
    if (count - this.highest >= span) this.used.fill(0);
    else for (let passed = this.highest + 1; passed <= count; passed++) this.set(passed, false);
    this.highest = Math.max(this.highest, count);
    this.set(count, true);
  }

  private set(count: number, used: boolean): void {
    const word = this.wordOf(count);
    const bits = this.used[word] ?? 0;
    this.used[word] = used ? bits | this.bitOf(count) : bits & ~this.bitOf(count);
  }

  private wordOf(count: number): number {
    return Math.floor((count % span) / 32);
  }

  private bitOf(count: number): number {
    return 1 << (count % 32);
  }
}
