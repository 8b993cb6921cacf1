/** Parts of a Via value that is written plainly, as text. */
export interface PlainVia {
  /** Protocol, version and transport, e.g. `SIP/2.0/UDP`. */
  readonly protocol: string;
  /** Host, and port where one is written. */
  readonly sentBy: string;
  /** From the first `;` on; may be empty. */
  readonly parameters: string;
}

/**
 * Cuts a Via value up with a handful of native searches, for that is most of what is ever asked of one.
 *
 * @returns undefined where it has to be parsed: several values, quotes, or blanks other than the one before sent-by
 */
export function plainVia(text: string): PlainVia | undefined {
  const space = text.indexOf(' ');
  if (space <= 0 || text.includes(' ', space + 1) || text.includes('\t')) return undefined;
  if (text.includes(',') || text.includes('"')) return undefined;
  const semicolon = text.indexOf(';', space);
  const end = semicolon === -1 ? text.length : semicolon;
  if (end === space + 1) return undefined;
  return { protocol: text.slice(0, space), sentBy: text.slice(space + 1, end), parameters: text.slice(end) };
}
