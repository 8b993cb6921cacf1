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

/** First line of the name at or after `from`, or -1. */
export function indexOfName(fields: HeaderFields, name: string, from = 0): number {
  return indexOfId(fields, idOfName(name), name, from);
}

/** {@link indexOfName} of a definition, which mostly has its number at hand. */
export function indexOfField(fields: HeaderFields, { id, name }: Named, from = 0): number {
  return indexOfId(fields, id ?? idOfName(name), name, from);
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
