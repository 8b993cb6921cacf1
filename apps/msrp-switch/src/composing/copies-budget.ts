/** How many copies of indicators a room may have made in a time: tokens that come back as time goes by. */
export class CopiesBudget {
  /** Copies per second, and at once. */
  private readonly rate: number;
  private left: number;
  private countedAt: number;

  /** @param now - milliseconds of a clock that never goes back */
  constructor(rate: number, now: number) {
    this.rate = rate;
    this.left = rate;
    this.countedAt = now;
  }

  /** Takes what one indicator to so many costs, at most all that a second gives; false when that is not there. */
  take(copies: number, now: number): boolean {
    const cost = this.costOf(copies);
    this.left = Math.min(this.rate, this.left + ((now - this.countedAt) * this.rate) / 1000);
    this.countedAt = now;
    if (this.left < cost) return false;
    this.left -= cost;
    return true;
  }

  /** Milliseconds until {@link take} of so many would succeed. */
  wait(copies: number): number {
    return Math.max(0, Math.ceil(((this.costOf(copies) - this.left) * 1000) / this.rate));
  }

  private costOf(copies: number): number {
    return Math.min(copies, this.rate);
  }
}
