import type { Err, ParseError, Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import type { FieldLine } from './field-line.ts';
import { valueOf } from './field-line.ts';
import { endOfElement, splitList, trimBlanks } from './grammar/split-list.ts';
import { indexOfField, lineOfField, linesNamed } from './header-fields.ts';
import type { Named } from './header-fields.ts';
import type { HeaderDefinition } from './header-definition.ts';
import type { SipMessage } from './message.ts';

/**
 * First value of a header field; undefined when the message has none. What was read last stays with the line, so
 * asking again costs nothing.
 */
export function read<T>(message: SipMessage, definition: HeaderDefinition<T>): Result<T | undefined, ParseError> {
  const { lines } = message.fields;
  for (let i = indexOfField(message.fields, definition); i !== -1;) {
    const line = lines[i];
    if (line === undefined) break;
    if (!isEmptyList(line, definition)) return readLine(line, definition);
    i = indexOfField(message.fields, definition, i + 1);
  }
  return ok(undefined);
}

/** All values of a header field over all its lines, in order. @spec RFC 3261 §7.3.1 */
export function readAll<T>(message: SipMessage, definition: HeaderDefinition<T>): Result<readonly T[], ParseError> {
  const values: T[] = [];
  const { lines } = message.fields;
  for (
    let i = indexOfField(message.fields, definition);
    i !== -1;
    i = indexOfField(message.fields, definition, i + 1)
  ) {
    const line = lines[i];
    const failed = line && readElements(line, definition, values);
    if (failed !== undefined) return failed;
  }
  return ok(values);
}

/** The first failure among the values of one line; what was read stays with the line. */
export function faultIn<T>(line: FieldLine, definition: HeaderDefinition<T>): ParseError | undefined {
  const elements = elementsOf(line, definition);
  if (elements === undefined) {
    const result = readLine(line, definition);
    return result.ok ? undefined : result.error;
  }
  for (const element of elements) {
    const result = definition.parse(element);
    if (!result.ok) return result.error;
  }
  return undefined;
}

/** Adds the values of one line; a failure where one of them cannot be read. */
function readElements<T>(line: FieldLine, definition: HeaderDefinition<T>, values: T[]): Err<ParseError> | undefined {
  const elements = elementsOf(line, definition);
  if (elements === undefined) return add(readLine(line, definition), values);
  for (const element of elements) {
    const failed = add(definition.parse(element), values);
    if (failed !== undefined) return failed;
  }
  return undefined;
}

function add<T>(result: Result<T, ParseError>, values: T[]): Err<ParseError> | undefined {
  if (!result.ok) return result;
  values.push(result.value);
  return undefined;
}

/** Whether a header field may have more than one value: cheap, and never a wrong no. */
export function mayHaveSeveral<T>(message: SipMessage, definition: HeaderDefinition<T>): boolean {
  const first = indexOfField(message.fields, definition);
  const line = first === -1 ? undefined : message.fields.lines[first];
  if (line === undefined) return false;
  const isOne = (line.lastReader === definition && line.isPlain) || !valueOf(line).includes(',');
  return !isOne || indexOfField(message.fields, definition, first + 1) !== -1;
}

/**
 * Value of the first line of the name as head text on one line; a list is not split.
 *
 * @param field - a name, or a definition, which spares looking the name up
 */
export function readRaw(message: SipMessage, field: string | Named): string | undefined {
  const line = lineOfField(message.fields, typeof field === 'string' ? { name: field } : field);
  return line === undefined ? undefined : valueOf(line);
}

/** Values of all lines of the name as head text; lists are not split. */
export function readRawAll(message: SipMessage, name: string): readonly string[] {
  return linesNamed(message.fields, name).map(valueOf);
}

function readLine<T>(line: FieldLine, definition: HeaderDefinition<T>): Result<T, ParseError> {
  // Only this definition can have left this value, and it makes values of T.
  if (line.lastReader === definition && line.lastRead !== undefined) return line.lastRead as Result<T, ParseError>;
  const plain = line.folded ? undefined : definition.parsePlain?.(line.text, line.valueStart, line.end);
  const result = plain === undefined ? readByGrammar(line, definition) : ok(plain);
  line.remember(definition, result, plain !== undefined);
  return result;
}

function readByGrammar<T>(line: FieldLine, definition: HeaderDefinition<T>): Result<T, ParseError> {
  return definition.parseAt === undefined || line.folded
    ? definition.parse(firstElement(valueOf(line), definition))
    : definition.parseAt(line.text, line.valueStart, line.end);
}

function firstElement<T>(value: string, definition: HeaderDefinition<T>): string {
  if (!definition.list) return value;
  const end = endOfElement(value, 0, definition.bareCommas === true);
  return end === value.length ? value : trimBlanks(value, 0, end);
}

/** Elements of a line; undefined where the line is one, so that it can be read, and remembered, in its place. */
function elementsOf<T>(line: FieldLine, definition: HeaderDefinition<T>): readonly string[] | undefined {
  if (!definition.list || (readLine(line, definition).ok && line.isPlain)) return undefined;
  const value = valueOf(line);
  if (value === '' && definition.mayBeEmpty === true) return [];
  if (!value.includes(',')) return undefined;
  const elements = splitList(value, definition.bareCommas === true);
  return elements.length === 1 ? undefined : elements;
}

function isEmptyList<T>(line: FieldLine, definition: HeaderDefinition<T>): boolean {
  return definition.mayBeEmpty === true && definition.list && valueOf(line) === '';
}
