import type { Clock } from '@parley/prelude';
import { field, headerLine } from '@parley/sip';
import type { HeaderLine } from '@parley/sip';

/** Now as Date has it, written once a second. @spec RFC 3261 §20.17 */
export class DateText {
  private readonly clock: Clock;
  private second = -1;
  private text = '';
  private written: HeaderLine = headerLine(field.date, 0);

  constructor(clock: Clock) {
    this.clock = clock;
  }

  now(): string {
    this.write();
    return this.text;
  }

  /** {@link now} as a line, to be put into messages. */
  line(): HeaderLine {
    this.write();
    return this.written;
  }

  private write(): void {
    const second = Math.floor(this.clock.wallTime() / 1000);
    if (second === this.second) return;
    this.second = second;
    this.text = field.date.serialise(second * 1000);
    this.written = headerLine(field.date, second * 1000);
  }
}
