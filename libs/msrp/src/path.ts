import { err, ok, parseError } from '@parley/prelude';
import type { ParseError, Result } from '@parley/prelude';
import { parseMsrpUri, serialiseMsrpUri } from './msrp-uri.ts';
import type { MsrpUri } from './msrp-uri.ts';

/** The hops of a To-Path, From-Path or Use-Path; the leftmost is visited first. */
export interface Path {
  readonly first: MsrpUri;
  /** Hops behind the first. */
  readonly rest: readonly MsrpUri[];
  /** The header field's value, byte for byte; what is forwarded and compared cheaply. */
  readonly text: string;
}

const noRest: readonly MsrpUri[] = [];

/** Builds a path of the given hops. */
export function pathOf(first: MsrpUri, ...rest: readonly MsrpUri[]): Path {
  return { first, rest: rest.length === 0 ? noRest : rest, text: [first, ...rest].map(serialiseMsrpUri).join(' ') };
}

/** The path that has only the first hop of `path`. */
export function firstHop(path: Path): Path {
  if (path.rest.length === 0) return path;
  return { first: path.first, rest: noRest, text: path.text.slice(0, path.text.indexOf(' ')) };
}

/**
 * Reads the value of To-Path, From-Path or Use-Path.
 *
 * @param maxUris - hops accepted
 * @spec RFC 4975 §9: `MSRP-URI *( SP MSRP-URI )`
 */
export function parsePath(text: string, maxUris: number): Result<Path, ParseError> {
  const uris: MsrpUri[] = [];
  for (let at = 0; at <= text.length;) {
    if (uris.length === maxUris) return err(parseError('path', at, 'RFC 4975 §9', `expected at most ${maxUris} URIs`));
    const space = text.indexOf(' ', at);
    const end = space === -1 ? text.length : space;
    const uri = parseMsrpUri(text.slice(at, end));
    if (!uri.ok) return err({ ...uri.error, offset: at });
    uris.push(uri.value);
    at = end + 1;
  }
  const [first, ...rest] = uris;
  if (first === undefined) return err(parseError('path', 0, 'RFC 4975 §9', 'expected a URI'));
  return ok({ first, rest: rest.length === 0 ? noRest : rest, text });
}
