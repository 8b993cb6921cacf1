import type { FieldLine } from './field-line.ts';
import { isNamed } from './field-line.ts';
import { idOfName } from './field-names.ts';

/**
 * The header fields of a message in their order; opaque and immutable. Read them with `read`, `readAll` and `readRaw`,
 * change them with the `with…` functions.
 *
 * @note Lines point into the one string that holds the head: a short text kept from it keeps the whole head alive.
 */
export class HeaderFields {
  /** For this library only. */
  readonly lines: readonly FieldLine[];

  constructor(lines: readonly FieldLine[]) {
    this.lines = lines;
  }
}

/** What a header field is looked up by: a name, and its number where that is known. */
export interface Named {
  readonly name: string;
  readonly id?: number | undefined;
}

/** Index of the first line of the name at or after `from`, or -1. */
export function indexOfField(fields: HeaderFields, { id, name }: Named, from = 0): number {
  return indexOfId(fields, id ?? idOfName(name), name, from);
}

/** First line of the name. */
export function lineOfField(fields: HeaderFields, { id, name }: Named): FieldLine | undefined {
  const at = indexOfId(fields, id ?? idOfName(name), name, 0);
  // To ask an array for its element -1 takes longer than all of this.
  return at === -1 ? undefined : fields.lines[at];
}

function indexOfId({ lines }: HeaderFields, id: number, name: string, from: number): number {
  const lower = id === 0 ? name.toLowerCase() : '';
  for (let i = from; i < lines.length; i++) {
    const line = lines[i];
    if (line !== undefined && isNamed(line, id, lower)) return i;
  }
  return -1;
}

/** All lines of the name, in order. */
export function linesNamed(fields: HeaderFields, name: string): readonly FieldLine[] {
  const id = idOfName(name);
  const lower = id === 0 ? name.toLowerCase() : '';
  return fields.lines.filter((line) => isNamed(line, id, lower));
}
