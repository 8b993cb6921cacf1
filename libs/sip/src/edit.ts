import type { FieldLine } from './field-line.ts';
import { lineOf, nameOf, valueOf } from './field-line.ts';
import { isNamed } from './field-line.ts';
import { idOfName } from './field-names.ts';
import { endOfElement, trimBlanks } from './grammar/split-list.ts';
import { HeaderFields, indexOfField, lineOfField } from './header-fields.ts';
import type { HeaderDefinition } from './header-definition.ts';
import { isToken } from './grammar/characters.ts';
import { oneLine, oneWord } from './head-text.ts';
import type { SipMessage, SipRequest } from './message.ts';
import { rebuild } from './message.ts';
import { Fault, ok } from '@parley/prelude';

/** The message with the value in a line of its own above all others of its name (Via, Record-Route, Route, Path). */
export function withTop<T, M extends SipMessage>(message: M, definition: HeaderDefinition<T>, value: T): M {
  const at = Math.max(0, indexOfField(message.fields, definition));
  return insert(message, at, lineFor(definition, value));
}

/** The message with this value in place of all of its name; at the end when there was none. */
export function withField<T, M extends SipMessage>(message: M, definition: HeaderDefinition<T>, value: T): M {
  return withLines(message, [lineFor(definition, value)]);
}

/** A line that is made once and put into any number of messages by {@link withLines}. */
export type HeaderLine = FieldLine;

/** The line that a value makes. */
export function headerLine<T>(definition: HeaderDefinition<T>, value: T): HeaderLine {
  return lineFor(definition, value);
}

/** The message with each of these lines in place of all of its name, in one pass; at the end when there was none. */
export function withLines<M extends SipMessage>(message: M, replacements: readonly HeaderLine[]): M {
  const lines: FieldLine[] = [];
  let placed = 0;
  for (const line of message.fields.lines) {
    const at = placeOf(line, replacements);
    const replacement = at === -1 ? undefined : replacements[at];
    if (replacement === undefined) lines.push(line);
    else if ((placed & (1 << at)) === 0) {
      placed |= 1 << at;
      lines.push(replacement);
    }
  }
  for (let at = 0; at < replacements.length; at++) {
    const left = (placed & (1 << at)) === 0 ? replacements[at] : undefined;
    if (left !== undefined) lines.push(left);
  }
  return rebuild(message, new HeaderFields(lines));
}

function placeOf(line: FieldLine, replacements: readonly HeaderLine[]): number {
  for (let at = 0; at < replacements.length; at++) {
    const other = replacements[at];
    if (other?.id === line.id && (line.id !== 0 || nameOf(line).toLowerCase() === nameOf(other).toLowerCase()))
      return at;
  }
  return -1;
}

/** The message with the value in a line of its own below all others of its name; at the end when there was none. */
export function withAppended<T, M extends SipMessage>(message: M, definition: HeaderDefinition<T>, value: T): M {
  let at = message.fields.lines.length;
  for (let i = indexOfField(message.fields, definition); i !== -1;) {
    at = i + 1;
    i = indexOfField(message.fields, definition, at);
  }
  return insert(message, at, lineFor(definition, value));
}

/** The message without the first value of the name; only the first element goes where a line holds a list. */
export function withoutFirst<T, M extends SipMessage>(message: M, definition: HeaderDefinition<T>): M {
  return replaceFirst(message, definition, undefined);
}

/** The message with this value in place of the first of its name, in a line of its own; on top when there was none. */
export function withFirst<T, M extends SipMessage>(message: M, definition: HeaderDefinition<T>, value: T): M {
  return replaceFirst(message, definition, lineFor(definition, value));
}

/** The message without any field of the name. */
export function without<T, M extends SipMessage>(message: M, definition: Pick<HeaderDefinition<T>, 'name'>): M {
  return replaceAll(message, definition.name, undefined);
}

/** The message with the head text as the only value of the name. */
export function withRawField<M extends SipMessage>(message: M, name: string, text: string): M {
  return replaceAll(message, name, rawLine(name, text));
}

/** The request for another target; the text is a URI as `serialiseUri` writes it. */
export function withRequestUri(request: SipRequest, uri: string): SipRequest {
  const { method, fields, body } = request;
  return { kind: 'request', method, requestUri: oneWord(uri, 'Request-URI'), fields, body };
}

/** The message with another body; without a content type the Content-Type is removed. */
export function withBody<M extends SipMessage>(message: M, contentType: string | undefined, body: Uint8Array): M {
  const line = contentType === undefined ? undefined : rawLine('Content-Type', contentType);
  const typed = replaceAll(message, 'Content-Type', line);
  return rebuild(typed, typed.fields, body);
}

/**
 * A line from a name and head text.
 *
 * @throws Fault when the name is not a token
 */
export function rawLine(name: string, text: string): FieldLine {
  if (!isToken(name)) throw new Fault(`not the name of a header field: ${JSON.stringify(name)}`);
  return lineOf(name, oneLine(text));
}

/** The line remembers the value, so that whoever reads it next need not. */
function lineFor<T>(definition: HeaderDefinition<T>, value: T): FieldLine {
  const text = definition.serialise(value);
  const safe = oneLine(text);
  const line = lineOf(definition.name, safe, definition.id);
  if (safe === text) line.remember(definition, ok(value), true);
  return line;
}

/** Copies by hand: `slice` and `splice` cost several times as much on arrays this short. */
function insert<M extends SipMessage>(message: M, at: number, line: FieldLine): M {
  const lines: FieldLine[] = [];
  for (const other of message.fields.lines) {
    if (lines.length === at) lines.push(line);
    lines.push(other);
  }
  if (lines.length === message.fields.lines.length) lines.push(line);
  return rebuild(message, new HeaderFields(lines));
}

function replaceFirst<T, M extends SipMessage>(
  message: M,
  definition: HeaderDefinition<T>,
  replacement: FieldLine | undefined,
): M {
  const line = lineOfField(message.fields, definition);
  if (line === undefined) return replacement === undefined ? message : insert(message, 0, replacement);
  const rest =
    definition.list && !isOne(line, definition) ? lineAfterFirst(line, definition.bareCommas === true) : undefined;
  const lines: FieldLine[] = [];
  for (const other of message.fields.lines) {
    if (other !== line) lines.push(other);
    else {
      if (replacement !== undefined) lines.push(replacement);
      if (rest !== undefined) lines.push(rest);
    }
  }
  return rebuild(message, new HeaderFields(lines));
}

function replaceAll<M extends SipMessage>(message: M, name: string, replacement: FieldLine | undefined): M {
  const id = idOfName(name);
  const lower = id === 0 ? name.toLowerCase() : '';
  const lines: FieldLine[] = [];
  let pending = replacement;
  for (const line of message.fields.lines) {
    if (!isNamed(line, id, lower)) lines.push(line);
    else if (pending !== undefined) {
      lines.push(pending);
      pending = undefined;
    }
  }
  if (pending !== undefined) lines.push(pending);
  return rebuild(message, new HeaderFields(lines));
}

/** Whether the line was read, and is one value. */
function isOne<T>(line: FieldLine, definition: HeaderDefinition<T>): boolean {
  return line.lastReader === definition && line.isPlain;
}

function lineAfterFirst(line: FieldLine, bareCommas: boolean): FieldLine | undefined {
  const value = valueOf(line);
  const end = endOfElement(value, 0, bareCommas);
  if (end >= value.length) return undefined;
  return lineOf(nameOf(line), trimBlanks(value, end + 1, value.length));
}
