const replacement = 0xfffd;

/** Length of the sequence that `lead` opens, and the smallest code point that may use it; 0 for a byte that opens none. */
function sequenceLength(lead: number): 0 | 1 | 2 | 3 | 4 {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

/** Bounds of the second byte, which rule out overlong forms, surrogates and what lies above U+10FFFF. */
function secondByteFits(lead: number, second: number): boolean {
  if (lead === 0xe0) return second >= 0xa0 && second <= 0xbf;
  if (lead === 0xed) return second >= 0x80 && second <= 0x9f;
  if (lead === 0xf0) return second >= 0x90 && second <= 0xbf;
  if (lead === 0xf4) return second >= 0x80 && second <= 0x8f;
  return second >= 0x80 && second <= 0xbf;
}

/** Octets of the well-formed sequence at `at`, or minus the octets of its longest valid prefix (at least 1). */
function measure(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] ?? 0;
  const length = sequenceLength(lead);
  if (length === 0) return -1;
  for (let i = 1; i < length; i++) {
    const next = at + i < end ? (bytes[at + i] ?? 0) : 0;
    if (i === 1 ? !secondByteFits(lead, next) : (next & 0xc0) !== 0x80) return -i;
  }
  return length;
}

function codePoint(bytes: Uint8Array, at: number, length: number): number {
  let code = (bytes[at] ?? 0) & (length === 1 ? 0x7f : 0xff >> (length + 1));
  for (let i = 1; i < length; i++) code = (code << 6) | ((bytes[at + i] ?? 0) & 0x3f);
  return code;
}

/** Whether the octets from `start` to `end` are well-formed. @spec RFC 3629 §4 */
export function isUtf8(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  for (let at = start; at < end;) {
    const length = measure(bytes, at, end);
    if (length < 0) return false;
    at += length;
  }
  return true;
}

/** Text of the octets; each malformed maximal subpart becomes U+FFFD, as browsers do. @spec RFC 3629 §3 */
export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  for (let at = start; at < end;) {
    const length = measure(bytes, at, end);
    text += String.fromCodePoint(length > 0 ? codePoint(bytes, at, length) : replacement);
    at += Math.abs(length);
  }
  return text;
}

/** Octets of the text; lone surrogates become U+FFFD. @spec RFC 3629 §3 */
export function encodeUtf8(text: string): Uint8Array {
  const out: number[] = [];
  for (const character of text) {
    const raw = character.codePointAt(0) ?? 0;
    const code = raw >= 0xd800 && raw <= 0xdfff ? replacement : raw;
    if (code < 0x80) out.push(code);
    else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    else if (code < 0x10000) out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    else out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  }
  return Uint8Array.from(out);
}
