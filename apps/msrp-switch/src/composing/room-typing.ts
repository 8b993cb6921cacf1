import type { IsComposing } from '@parley/iscomposing';
import type { Cancel, Clock } from '@parley/prelude';
import { CopiesBudget } from './copies-budget.ts';
import type { Typist } from './typist.ts';
import { idleTypist, isNews, told } from './typist.ts';

/** An indicator for the room. */
export interface Indicator {
  readonly says: IsComposing;
  /** How many will get it. */
  readonly copies: number;
  /** Passes it on. */
  readonly pass: () => void;
}

/** Copies of indicators per second of what is said in one room on this switch, however many compose and however many hear it. */
export const copiesPerSecond = 1000;

/**
 * The indicators of one room: each composer is shown or not, repetitions go no further, and what is more than the budget waits,
 * one indicator of each, the latest. Those that end something come first.
 *
 * @spec RFC 3994 §3; REQ-COMP-13 and 15 of the Advanced IM Requirements
 */
export class RoomTyping {
  private readonly clock: Pick<Clock, 'now' | 'after'>;
  private readonly budget: CopiesBudget;
  private readonly typists = new Map<object, Typist>();
  /** By composer, longest waiting first. */
  private readonly waiting = new Map<object, Indicator>();
  private timer: Cancel | undefined;

  constructor(clock: Pick<Clock, 'now' | 'after'>, rate: number = copiesPerSecond) {
    this.clock = clock;
    this.budget = new CopiesBudget(rate, clock.now());
  }

  /** Whether nothing is known of anybody. */
  get isEmpty(): boolean {
    return this.typists.size === 0 && this.waiting.size === 0;
  }

  /** Somebody says whether he composes. */
  take(composer: object, indicator: Indicator): void {
    const now = this.clock.now();
    // What waits of the same composer is out of date.
    if (!isNews(this.typists.get(composer) ?? idleTypist, indicator.says, now)) this.waiting.delete(composer);
    else if (this.waiting.size === 0 && this.budget.take(indicator.copies, now)) this.pass(composer, indicator);
    else {
      this.waiting.set(composer, indicator);
      this.arm();
    }
  }

  /** Somebody says something, which ends the composing at everybody who hears it. @spec RFC 3994 §3.3 */
  said(composer: object): void {
    this.typists.delete(composer);
    this.waiting.delete(composer);
  }

  private pass(composer: object, { says, pass }: Indicator): void {
    const typist = told(says, this.clock.now());
    if (typist.shown === undefined) this.typists.delete(composer);
    else this.typists.set(composer, typist);
    pass();
  }

  private passWaiting(): void {
    this.timer = undefined;
    for (let next = this.next(); next !== undefined; next = this.next()) {
      const [composer, indicator] = next;
      if (!this.budget.take(indicator.copies, this.clock.now())) break;
      this.waiting.delete(composer);
      this.pass(composer, indicator);
    }
    this.arm();
  }

  private next(): readonly [object, Indicator] | undefined {
    let first: readonly [object, Indicator] | undefined;
    for (const entry of this.waiting) {
      if (entry[1].says.state === 'idle') return entry;
      first ??= entry;
    }
    return first;
  }

  private arm(): void {
    // Whoever comes meanwhile waits no longer: with many waiting, looking among them for each costs too much.
    if (this.timer !== undefined) return;
    const next = this.next();
    if (next === undefined) return;
    const wait = Math.max(1, this.budget.wait(next[1].copies));
    this.timer = this.clock.after(wait, () => {
      this.passWaiting();
    });
  }
}
