import type { Scanner } from '../grammar/scanner.ts';
import { trimBlanks } from '../grammar/split-list.ts';
import { decodeText, encodeText } from '../head-text.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { single } from './define.ts';

function restOfText(s: Scanner): string {
  const text = trimBlanks(s.text, s.at, s.end);
  s.at = s.end;
  return decodeText(text);
}

/** What the request is about; Unicode. @spec RFC 3261 §20.36 */
export const subject: HeaderDefinition<string> = single({ name: 'Subject', compact: 's' }, restOfText, encodeText);

/** Organization of the sender; Unicode. @spec RFC 3261 §20.25 */
export const organization: HeaderDefinition<string> = single('Organization', restOfText, encodeText);

/**
 * Software of the UAC as text.
 *
 * @spec RFC 3261 §20.41
 * @deviation any text, not only products and comments: nothing is decided by it, and much of what is sent is neither
 */
export const userAgent: HeaderDefinition<string> = single('User-Agent', restOfText, encodeText);

/** Software of the UAS as text, as free as {@link userAgent}. @spec RFC 3261 §20.35 */
export const server: HeaderDefinition<string> = single('Server', restOfText, encodeText);
