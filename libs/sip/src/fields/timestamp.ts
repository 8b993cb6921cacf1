import { octetClass } from '../grammar/characters.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { single } from './define.ts';

/** When the UAC sent the request, in its own time; decimals are text, so that they go back as they came. */
export interface Timestamp {
  readonly sent: string;
  /** Seconds that the UAS took. */
  readonly delay?: string | undefined;
}

function scanDecimal(s: Scanner): string {
  const from = s.at;
  s.run(octetClass.digit, 'Timestamp');
  if (s.peek() === 0x2e) {
    s.at++;
    while (s.isAt(octetClass.digit)) s.at++;
  }
  return s.text.slice(from, s.at);
}

/** Copied into a 100, with the delay added where there was any. @spec RFC 3261 §20.38, §8.2.6.1 */
export const timestamp: HeaderDefinition<Timestamp> = single(
  'Timestamp',
  (s) => {
    const sent = scanDecimal(s);
    s.skipBlanks();
    return s.done ? { sent } : { sent, delay: scanDecimal(s) };
  },
  (value) => (value.delay === undefined ? value.sent : `${value.sent} ${value.delay}`),
);
