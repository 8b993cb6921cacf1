import type { OctetSource } from '@parley/sip-stack/node';

/** Some octets; of a text, one per character. */
export type Part = string | Uint8Array;

/** Octets in parts, in the order in which they leave. */
export class OctetParts implements OctetSource {
  readonly parts: readonly Part[];
  readonly octets: number;

  /** @param octets - of all parts */
  constructor(parts: readonly Part[], octets: number) {
    this.parts = parts;
    this.octets = octets;
  }

  takeInto(target: Buffer, offset: number): number {
    let at = offset;
    for (const part of this.parts) at = put(part, target, at);
    return at;
  }
}

/** Writes a part; gives where it ends. */
export function put(part: Part, target: Buffer, offset: number): number {
  if (typeof part === 'string') return offset + target.write(part, offset, 'latin1');
  target.set(part, offset);
  return offset + part.length;
}
