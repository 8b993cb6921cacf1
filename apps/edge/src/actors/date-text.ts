import type { Clock } from '@parley/prelude';
import { field } from '@parley/sip';

/** Now as Date has it, written once a second. @spec RFC 3261 §20.17 */
export class DateText {
  private readonly clock: Clock;
  private second = -1;
  private text = '';

  constructor(clock: Clock) {
    this.clock = clock;
  }

  now(): string {
    const second = Math.floor(this.clock.wallTime() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.text = field.date.serialise(second * 1000);
    }
    return this.text;
  }
}
