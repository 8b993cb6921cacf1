const named: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', r: '\r' };

/** `\uXXXX`, a backslash and one character, or a backslash that ends the value. */
const escape = /\\(?:u([0-9A-Fa-f]{4})|([^]?))/g;

/**
 * Undoes the escapes of a header value; an unknown one means the character behind its backslash, and a backslash at the
 * very end is dropped.
 *
 * @spec RFC 3862 §2.3.1
 */
export function unescapeValue(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(escape, (_, hex: string | undefined, character: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
    return named[character ?? ''] ?? character ?? '';
  });
}

const mustEscape = /[\0-\x1f\x7f\\]/g;
const special: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\\': '\\\\',
};

/** Escapes what must be, and nothing else: backslash and control characters. @spec RFC 3862 §2.3.1 */
export function escapeValue(text: string): string {
  return text.replace(
    mustEscape,
    (character) => special[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
