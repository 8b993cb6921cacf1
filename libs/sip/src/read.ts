import type { ParseError, Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { FieldLine } from './field-line.ts';
import { valueOf } from './field-line.ts';
import { endOfElement, splitList, trimBlanks } from './grammar/split-list.ts';
import { indexOfName, linesNamed } from './header-fields.ts';
import type { HeaderDefinition } from './header-definition.ts';
import type { SipMessage } from './message.ts';

/**
 * First value of a header field; undefined when the message has none. What was read last stays with the line, so
 * asking again costs nothing.
 */
export function read<T>(message: SipMessage, definition: HeaderDefinition<T>): Result<T | undefined, ParseError> {
  const { lines } = message.fields;
  for (let i = indexOfName(message.fields, definition.name); i !== -1;) {
    const line = lines[i];
    if (line === undefined) break;
    if (!isEmptyList(line, definition)) return readLine(line, definition);
    i = indexOfName(message.fields, definition.name, i + 1);
  }
  return ok(undefined);
}

/** All values of a header field over all its lines, in order. @spec RFC 3261 §7.3.1 */
export function readAll<T>(message: SipMessage, definition: HeaderDefinition<T>): Result<readonly T[], ParseError> {
  const values: T[] = [];
  for (const line of linesNamed(message.fields, definition.name)) {
    const elements = elementsOf(line, definition);
    for (const element of elements) {
      const value = elements.length === 1 ? readLine(line, definition) : definition.parse(element);
      if (!value.ok) return value;
      values.push(value.value);
    }
  }
  return ok(values);
}

/** Value of the first line of the name as head text on one line; a list is not split. */
export function readRaw(message: SipMessage, name: string): string | undefined {
  const line = message.fields.lines[indexOfName(message.fields, name)];
  return line === undefined ? undefined : valueOf(line);
}

/** Values of all lines of the name as head text; lists are not split. */
export function readRawAll(message: SipMessage, name: string): readonly string[] {
  return linesNamed(message.fields, name).map(valueOf);
}

function readLine<T>(line: FieldLine, definition: HeaderDefinition<T>): Result<T, ParseError> {
  // Only this definition can have left this value, and it makes values of T.
  if (line.lastReader === definition && line.lastRead !== undefined) return line.lastRead as Result<T, ParseError>;
  const result =
    definition.parseAt === undefined || line.folded
      ? definition.parse(firstElement(valueOf(line), definition))
      : definition.parseAt(line.text, line.valueStart, line.end);
  line.lastReader = definition;
  line.lastRead = result.ok ? result : err(result.error);
  return result;
}

function firstElement<T>(value: string, definition: HeaderDefinition<T>): string {
  if (!definition.list) return value;
  const end = endOfElement(value, 0, definition.bareCommas === true);
  return end === value.length ? value : trimBlanks(value, 0, end);
}

function elementsOf<T>(line: FieldLine, definition: HeaderDefinition<T>): readonly string[] {
  const value = valueOf(line);
  if (!definition.list) return [value];
  return value === '' && definition.mayBeEmpty === true ? [] : splitList(value, definition.bareCommas === true);
}

function isEmptyList<T>(line: FieldLine, definition: HeaderDefinition<T>): boolean {
  return definition.mayBeEmpty === true && definition.list && valueOf(line) === '';
}
