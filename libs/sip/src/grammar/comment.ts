import { decodeText, encodeText } from '../head-text.ts';
import type { Scanner } from './scanner.ts';

const quotedPair = /\\([^])/g;
const special = /[()\\]/g;

/** Takes a comment, nested ones included, and gives its Unicode without the outer parentheses. @spec RFC 3261 §25.1 */
export function unquoteComment(s: Scanner): string {
  const from = s.at + 1;
  let depth = 0;
  for (let at = s.at; at < s.end; at++) {
    const code = s.text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x28) depth++;
    else if (code === 0x29 && --depth === 0) {
      s.at = at + 1;
      return decodeText(s.text.slice(from, at).replace(quotedPair, '$1'));
    }
  }
  s.fail('comment', 'expected a closing parenthesis');
  return '';
}

/** A comment that spells the Unicode text; parentheses in it are escaped. */
export function writeComment(text: string): string {
  return `(${encodeText(text).replace(special, '\\$&')})`;
}
