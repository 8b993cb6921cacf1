/**
 * Work that is done in rounds, one at a time, whenever there may be some. A call during a round makes another one after
 * it: however the two fall together, none is lost.
 */
export class Rounds {
  private readonly round: () => Promise<void>;
  private readonly mayGoOn: () => boolean;
  private isCalled = false;
  private isRunning = false;
  private run: Promise<void> | undefined;

  /**
   * @param round - must not reject
   * @param mayGoOn - asked before each round; what is called for while it says no waits for the next call
   */
  constructor(round: () => Promise<void>, mayGoOn: () => boolean) {
    this.round = round;
    this.mayGoOn = mayGoOn;
  }

  /** There may be work. */
  call(): void {
    this.isCalled = true;
    if (!this.isRunning) this.run = this.runAll();
  }

  /** Resolves when the rounds that were called for are over. */
  async settled(): Promise<void> {
    await this.run;
  }

  /** Between the last look at the calls and the end nothing else can run. */
  private async runAll(): Promise<void> {
    this.isRunning = true;
    while (this.isCalled && this.mayGoOn()) {
      this.isCalled = false;
      await this.round();
    }
    this.isRunning = false;
  }
}
