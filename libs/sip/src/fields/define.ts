import type { ParseError, Result } from '@parley/prelude';
import { idOfName } from '../field-names.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import type { Scanner } from '../grammar/scanner.ts';
import { scan, scanAt } from '../grammar/scanner.ts';

/** Names of a header field and what its grammar allows around a value. */
export type Shape = Pick<HeaderDefinition<never>, 'name' | 'compact' | 'mayBeEmpty' | 'bareCommas'>;

/** {@link HeaderDefinition.parsePlain}. */
export type PlainForm<T> = (text: string, start: number, end: number) => T | undefined;

/** A header field that holds one value. */
export function single<T>(
  shape: Shape | string,
  grammar: (s: Scanner) => T,
  serialise: (value: T) => string,
  plain?: PlainForm<T>,
): HeaderDefinition<T> {
  return new Definition(typeof shape === 'string' ? { name: shape } : shape, false, grammar, serialise, plain);
}

/** A header field that holds values with commas between them. */
export function list<T>(
  shape: Shape | string,
  grammar: (s: Scanner) => T,
  serialise: (value: T) => string,
  plain?: PlainForm<T>,
): HeaderDefinition<T> {
  return new Definition(typeof shape === 'string' ? { name: shape } : shape, true, grammar, serialise, plain);
}

/** One class for all of them, so that reading any field looks the same to the engine. */
class Definition<T> implements HeaderDefinition<T> {
  readonly name: string;
  readonly id: number;
  readonly compact: string | undefined;
  readonly list: boolean;
  readonly mayBeEmpty: boolean;
  readonly bareCommas: boolean;
  readonly #grammar: (s: Scanner) => T;
  readonly #serialise: (value: T) => string;
  readonly #plain: PlainForm<T> | undefined;

  constructor(
    shape: Shape,
    isList: boolean,
    grammar: (s: Scanner) => T,
    serialise: (value: T) => string,
    plain: PlainForm<T> | undefined,
  ) {
    this.name = shape.name;
    this.id = idOfName(shape.name);
    this.compact = shape.compact;
    this.list = isList;
    this.mayBeEmpty = shape.mayBeEmpty === true;
    this.bareCommas = shape.bareCommas === true;
    this.#grammar = grammar;
    this.#serialise = serialise;
    this.#plain = plain;
  }

  parse(text: string): Result<T, ParseError> {
    return scan(text, this.name, this.#grammar);
  }

  parseAt(text: string, start: number, end: number): Result<T, ParseError> {
    return scanAt(text, start, end, this.name, this.#grammar, this.list);
  }

  parsePlain(text: string, start: number, end: number): T | undefined {
    return this.#plain?.(text, start, end);
  }

  serialise(value: T): string {
    return this.#serialise(value);
  }
}
