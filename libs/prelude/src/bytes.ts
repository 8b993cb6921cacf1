/** No octets; shared, since it cannot be written to. */
export const noBytes: Uint8Array = new Uint8Array(0);

/** One array that holds the parts in order; a copy, so keep it off the forwarding paths. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
