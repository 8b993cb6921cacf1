/** A header field that this library carries without reading; name and value hold one character per octet. */
export interface HeaderField {
  /** As it came; names compare without regard to case. */
  readonly name: string;
  /** Without the white space around it. */
  readonly value: string;
}

/** No further header fields; shared, so that most heads need no list of their own. */
export const noHeaderFields: readonly HeaderField[] = [];

/** Value of the first field called `name`, whatever its case. */
export function fieldValue(fields: readonly HeaderField[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  return fields.find((field) => field.name.toLowerCase() === wanted)?.value;
}
