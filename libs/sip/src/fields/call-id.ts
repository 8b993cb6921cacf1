import { code, octetClass, skipWhile } from '../grammar/characters.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { list, single } from './define.ts';

/** word [ "@" word ] @spec RFC 3261 §25.1 (callid) */
export function scanCallId(s: Scanner): string {
  const from = s.at;
  s.run(octetClass.word, 'callid');
  if (s.peek() === 0x40) {
    s.at++;
    s.run(octetClass.word, 'callid');
  }
  return s.text.slice(from, s.at);
}

/** {@link scanCallId} without blanks behind it. */
function plainCallId(text: string, start: number, end: number): string | undefined {
  const begin = skipWhile(text, start, octetClass.blank);
  const first = skipWhile(text, begin, octetClass.word);
  const hasHost = text.charCodeAt(first) === code.at;
  const last = hasHost ? skipWhile(text, first + 1, octetClass.word) : first;
  return first > begin && last === end && !(hasHost && last === first + 1) ? text.slice(begin, end) : undefined;
}

/** Name of a dialog, a registration or a message; compared octet by octet. @spec RFC 3261 §20.8 */
export const callId: HeaderDefinition<string> = single(
  { name: 'Call-ID', compact: 'i' },
  scanCallId,
  String,
  plainCallId,
);

/** Calls that this one refers to. @spec RFC 3261 §20.21 */
export const inReplyTo: HeaderDefinition<string> = list({ name: 'In-Reply-To', bareCommas: true }, scanCallId, String);
