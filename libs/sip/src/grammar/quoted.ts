import { decodeText, encodeText } from '../head-text.ts';

const quotedPair = /\\([^])/g;
const special = /["\\]/g;

/** Unicode of a quoted-string, quotes and escapes taken off; other text is decoded as it is. @spec RFC 3261 §25.1 */
export function unquote(text: string): string {
  if (!text.startsWith('"')) return decodeText(text);
  const inner = text.slice(1, -1);
  return decodeText(inner.includes('\\') ? inner.replace(quotedPair, '$1') : inner);
}

/** quoted-string that spells the Unicode text. */
export function quote(text: string): string {
  return `"${encodeText(text).replace(special, '\\$&')}"`;
}
