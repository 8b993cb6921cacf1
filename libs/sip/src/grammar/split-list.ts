import { isIn, octetClass } from './characters.ts';

/**
 * Where the list element that starts at `from` ends: at a comma outside of quoted strings and angle brackets, or at
 * the end of the text.
 */
export function endOfElement(text: string, from: number, bareCommas: boolean): number {
  const comma = text.indexOf(',', from);
  if (comma === -1) return text.length;
  if (bareCommas) return comma;
  return skimElement(text, from);
}

function skimElement(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2c) return at;
    if (code === 0x22) at = endOfQuotes(text, at);
    else if (code === 0x3c) at = endOfBrackets(text, at);
  }
  return text.length;
}

function endOfQuotes(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x22) return at;
  }
  return text.length;
}

function endOfBrackets(text: string, from: number): number {
  const close = text.indexOf('>', from);
  return close === -1 ? text.length : close;
}

/** The elements of a comma-separated list as they are written, blanks around them taken off. @spec RFC 3261 §7.3.1 */
export function splitList(text: string, bareCommas = false): readonly string[] {
  const elements: string[] = [];
  for (let from = 0; ;) {
    const end = endOfElement(text, from, bareCommas);
    elements.push(trimBlanks(text, from, end));
    if (end >= text.length) return elements;
    from = end + 1;
  }
}

/** The text between the bounds without SP and HTAB at its ends; `trim` would eat octets of UTF-8 (U+00A0). */
export function trimBlanks(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isIn(text.charCodeAt(start), octetClass.blank)) start++;
  while (end > start && isIn(text.charCodeAt(end - 1), octetClass.blank)) end--;
  return text.slice(start, end);
}
