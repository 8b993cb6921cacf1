import type { Brand, ParseError, Random, Result } from '@parley/prelude';
import { err, ok, parseError, randomToken } from '@parley/prelude';
import type { MediaType } from './media-type.ts';
import { parameterOf } from './parameters.ts';

/** What separates the parts of one multipart: 1 to 70 characters that gateways leave alone. */
export type Boundary = Brand<string, 'Boundary'>;

const grammar = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

/** Checks the value of a `boundary` parameter. @spec RFC 2046 §5.1.1 */
export function parseBoundary(text: string): Result<Boundary, ParseError> {
  // The brand is earned by the match.
  if (grammar.test(text)) return ok(text as Boundary);
  return err(parseError('boundary', 0, 'RFC 2046 §5.1.1', 'expected 1 to 70 boundary characters, the last no space'));
}

/** The boundary that a multipart type names, which is its one mandatory parameter. @spec RFC 2046 §5.1.1 */
export function boundaryOf(mediaType: MediaType): Result<Boundary, ParseError> {
  return parseBoundary(parameterOf(mediaType, 'boundary') ?? '');
}

/**
 * A new boundary of 130 random bits: no part can hold it but by having seen it, so none is searched for it, and two of
 * equal length are never one the prefix of the other.
 *
 * @spec RFC 2046 §5.1.1
 */
export function newBoundary(random: Random): Boundary {
  // Letters and digits only, hence within the grammar.
  return randomToken(random, 26) as Boundary;
}
