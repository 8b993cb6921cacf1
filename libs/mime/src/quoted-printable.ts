const equals = 61;
const cr = 13;
const lf = 10;

function hexValue(octet: number | undefined): number {
  if (octet === undefined) return -1;
  const digit = octet - 48;
  if (digit >= 0 && digit <= 9) return digit;
  const letter = (octet | 32) - 97;
  return letter >= 0 && letter <= 5 ? letter + 10 : -1;
}

/** Octets that a soft line break at `at` (an `=`) takes up with the white space in it; 0 when it is none. */
function softBreak(body: Uint8Array, at: number): number {
  let end = at + 1;
  while (body[end] === 32 || body[end] === 9) end++;
  if (end === body.length) return end - at;
  if (body[end] === lf) return end + 1 - at;
  return body[end] === cr && body[end + 1] === lf ? end + 2 - at : 0;
}

/**
 * Octets of a quoted-printable body; an `=` that introduces neither an octet nor a soft line break stays as it is, and
 * white space before a line break goes, since some transport added it.
 *
 * @spec RFC 2045 §6.7
 */
export function decodeQuotedPrintable(body: Uint8Array): Uint8Array {
  const out = new Uint8Array(body.length);
  let length = 0;
  let solid = 0;
  for (let at = 0; at < body.length;) {
    const octet = body[at] ?? 0;
    const coded = octet === equals ? (hexValue(body[at + 1]) << 4) | hexValue(body[at + 2]) : -1;
    const skip = octet === equals && coded < 0 ? softBreak(body, at) : 0;
    if (octet === cr || octet === lf) length = solid;
    if (skip === 0) out[length++] = coded < 0 ? octet : coded;
    if (octet !== 32 && octet !== 9) solid = length;
    at += coded < 0 ? Math.max(skip, 1) : 3;
  }
  return out.subarray(0, solid);
}
