import type { ParseError, Result } from '@parley/prelude';

/**
 * How the value of one header field is read and written. Both sides are head text (one character per octet) without
 * folds; text for people inside `T` is Unicode.
 */
export interface HeaderDefinition<T> {
  /** Long form as the RFC spells it. */
  readonly name: string;
  /** Number by which this library finds the name; only its own definitions have one. */
  readonly id?: number | undefined;
  /** One-letter form. @spec RFC 3261 §7.3.3 */
  readonly compact?: string | undefined;
  /** Whether several values may share a line, with commas between them. @spec RFC 3261 §7.3.1 */
  readonly list: boolean;
  /** Whether a line may hold no value at all, e.g. `Supported:`. */
  readonly mayBeEmpty?: boolean | undefined;
  /** Whether quotes and angle brackets hide no comma, as in Call-ID, whose `word` uses them freely. */
  readonly bareCommas?: boolean | undefined;
  /** Reads one value (of a list, one element). */
  parse(text: string): Result<T, ParseError>;
  /**
   * {@link parse} of what stands between two offsets of a longer text, the first element of a list; a way for this
   * library to read a value without cutting it out.
   */
  parseAt?(text: string, start: number, end: number): Result<T, ParseError>;
  /**
   * Reads what stands between two offsets where it is one value in its most usual form, in one pass. Undefined for any
   * other, right or wrong: that is for {@link parse}, which would give the same value here.
   */
  parsePlain?(text: string, start: number, end: number): T | undefined;
  /** Writes one value so that `parse` gives it back. */
  serialise(value: T): string;
}
