/** Classes of octets as bits; one table look-up decides. @spec RFC 3261 §25.1 */
export const octetClass = {
  token: 1,
  word: 2,
  digit: 4,
  alpha: 8,
  hex: 16,
  value: 32,
  host: 64,
  blank: 128,
  user: 256,
  uri: 512,
  quoted: 1024,
} as const;

/** Codes of the separators that grammars look for. */
export const code = {
  space: 0x20,
  quote: 0x22,
  star: 0x2a,
  comma: 0x2c,
  point: 0x2e,
  slash: 0x2f,
  colon: 0x3a,
  semicolon: 0x3b,
  less: 0x3c,
  equals: 0x3d,
  at: 0x40,
} as const;

const digits = '0123456789';
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const tokenMarks = "-.!%*_+`'~";

const visible = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i)).join('');

const members: readonly (readonly [bit: number, characters: string])[] = [
  [octetClass.token, digits + letters + tokenMarks],
  [octetClass.word, digits + letters + tokenMarks + '()<>:\\"/[]?{}'],
  [octetClass.digit, digits],
  [octetClass.alpha, letters],
  [octetClass.hex, digits + 'abcdefABCDEF'],
  // gen-value without quotes: token, or host with an IPv6 address in brackets or, in via-received, without.
  [octetClass.value, digits + letters + tokenMarks + '[]:'],
  [octetClass.host, digits + letters + '-._'],
  [octetClass.blank, ' \t'],
  // Octets of a Request-URI: visible, and none of those that set a URI apart from what surrounds it.
  [octetClass.uri, visible.replace(/["<>]/g, '')],
  // Of a quoted-string what stands for itself and is ASCII.
  [octetClass.quoted, ` ${visible.replace(/["\\]/g, '')}`],
  // Of a user part what stands for itself and ends nothing.
  [octetClass.user, digits + letters + "-_.!~*'()&=+$,"],
];

const table = new Uint16Array(256);
for (const [bit, characters] of members) {
  for (const character of characters) {
    const octet = character.charCodeAt(0);
    table[octet] = (table[octet] ?? 0) | bit;
  }
}

/** Whether the octet is in one of the classes of `mask`; NaN and characters above U+00FF are in none. */
export function isIn(octet: number, mask: number): boolean {
  return ((table[octet] ?? 0) & mask) !== 0;
}

/** First position at or after `at` whose octet is in none of the classes. */
export function skipWhile(text: string, at: number, mask: number): number {
  let next = at;
  while (next < text.length && ((table[text.charCodeAt(next)] ?? 0) & mask) !== 0) next++;
  return next;
}

/** Whether the text is one or more octets of the classes. */
export function consistsOf(text: string, mask: number): boolean {
  return text !== '' && skipWhile(text, 0, mask) === text.length;
}

/** Whether the text is a token. @spec RFC 3261 §25.1 */
export function isToken(text: string): boolean {
  return consistsOf(text, octetClass.token);
}
