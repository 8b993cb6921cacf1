import type { HeaderDefinition } from '../header-definition.ts';
import type { Scanner } from '../grammar/scanner.ts';
import { scan, scanAt } from '../grammar/scanner.ts';

/** Names of a header field and what its grammar allows around a value. */
export type Shape = Pick<HeaderDefinition<never>, 'name' | 'compact' | 'mayBeEmpty' | 'bareCommas'>;

/** A header field that holds one value. */
export function single<T>(
  shape: Shape | string,
  grammar: (s: Scanner) => T,
  serialise: (value: T) => string,
): HeaderDefinition<T> {
  return definition(shape, false, grammar, serialise);
}

/** A header field that holds values with commas between them. */
export function list<T>(
  shape: Shape | string,
  grammar: (s: Scanner) => T,
  serialise: (value: T) => string,
): HeaderDefinition<T> {
  return definition(shape, true, grammar, serialise);
}

function definition<T>(
  shape: Shape | string,
  isList: boolean,
  grammar: (s: Scanner) => T,
  serialise: (value: T) => string,
): HeaderDefinition<T> {
  const names = typeof shape === 'string' ? { name: shape } : shape;
  return {
    ...names,
    list: isList,
    parse: (text) => scan(text, names.name, grammar),
    parseAt: (text, start, end) => scanAt(text, start, end, names.name, grammar, isList),
    serialise,
  };
}
