/** Chance that the same seed gives again, so that a run that found something can be repeated. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 0 to `below` - 1. @note mulberry32: fast, and far from what deserves the name of randomness */
  upTo(below: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  /** Whether it falls so, in `of` times of a hundred. */
  percent(of: number): boolean {
    return this.upTo(100) < of;
  }

  /** One of them. */
  pick<T>(all: readonly [T, ...T[]]): T {
    return all[this.upTo(all.length)] ?? all[0];
  }
}
