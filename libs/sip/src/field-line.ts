import type { ParseError, Result } from '@parley/prelude';
import { fieldId, idOfName } from './field-names.ts';
import { trimBlanks } from './grammar/split-list.ts';

const fold = /(?:\r\n[ \t]+)+/g;
const blank = /^[ \t]+|[ \t]+$/g;

/**
 * One header field: where it stands in the text that holds it. Lines are shared by every message made from the one
 * that was parsed; all that ever changes is the memory of the last value read from it.
 */
export class FieldLine {
  /** Number of the name, 0 for names that the library does not know. */
  readonly id: number;
  /** The whole head it came in, or a line of its own. */
  readonly text: string;
  readonly start: number;
  readonly nameEnd: number;
  /** After the colon. */
  readonly valueStart: number;
  /** Before the CRLF that ends the field, folds included. */
  readonly end: number;
  /** Whether the value goes over several lines. */
  readonly folded: boolean;
  /** What read this line last, and what it found. */
  lastReader: unknown = undefined;
  lastRead: Result<unknown, ParseError> | undefined = undefined;
  /** Whether that is all there is in the line. */
  isPlain = false;

  constructor(
    id: number,
    text: string,
    start: number,
    nameEnd: number,
    valueStart: number,
    end: number,
    folded: boolean,
  ) {
    this.id = id;
    this.text = text;
    this.start = start;
    this.nameEnd = nameEnd;
    this.valueStart = valueStart;
    this.end = end;
    this.folded = folded;
  }

  /** Keeps what a definition read, and whether that is all there is in the line. */
  remember(reader: unknown, result: Result<unknown, ParseError>, isPlain: boolean): void {
    this.lastReader = reader;
    this.lastRead = result;
    this.isPlain = isPlain;
  }
}

/** A line of its own, from head text that {@link oneLine} has seen. */
export function lineOf(name: string, value: string, id = idOfName(name)): FieldLine {
  const text = `${name}: ${value}\r\n`;
  return new FieldLine(id, text, 0, name.length, name.length + 2, text.length - 2, false);
}

/** Value as one trimmed line; folds become a space. @spec RFC 3261 §7.3.1 */
export function valueOf(line: FieldLine): string {
  const value = trimBlanks(line.text, line.valueStart, line.end);
  return line.folded ? value.replace(fold, ' ').replace(blank, '') : value;
}

/** Name as it is written in the line. */
export function nameOf(line: FieldLine): string {
  return line.text.slice(line.start, line.nameEnd);
}

/** Whether the line has the name, given its number and, for numbers of 0, its lower-case spelling. */
export function isNamed(line: FieldLine, id: number, lowerName: string): boolean {
  if (line.id !== id) return false;
  return id !== fieldId.unknown || nameOf(line).toLowerCase() === lowerName;
}
