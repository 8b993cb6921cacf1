import { code, consistsOf, octetClass, skipWhile } from '../grammar/characters.ts';
import type { DigestCredentials } from './credentials.ts';

/** Parameters that have a member of their own; a value is kept at the place of its name. */
const names = ['username', 'realm', 'nonce', 'uri', 'response', 'algorithm', 'cnonce', 'opaque', 'qop', 'nc'] as const;

const scheme = 'Digest ';
const noParameters: ReadonlyMap<string, string> = new Map<string, string>();

type Values = (string | undefined)[];

/**
 * Digest credentials as they are mostly written: known parameters in lower case, each once, with nothing escaped in them.
 * The grammar looks names up in a table of all texts, which takes longer than the rest.
 */
export function plainCredentials(text: string, start: number, end: number): DigestCredentials | undefined {
  const begin = skipWhile(text, start, octetClass.blank);
  if (!text.startsWith(scheme, begin)) return undefined;
  const values: Values = names.map(() => undefined);
  for (let at = begin + scheme.length - 1; at < end;) {
    at = takePlain(values, text, skipWhile(text, at + 1, octetClass.blank));
    if (at !== end && text.charCodeAt(at) !== code.comma) return undefined;
  }
  return credentialsOf(values);
}

/** Keeps the parameter at `at`; gives where it ends, or -1 where the grammar has to look. */
function takePlain(values: Values, text: string, at: number): number {
  const nameEnd = skipWhile(text, at, octetClass.token);
  const index = indexOfName(text, at, nameEnd - at);
  if (index === -1 || values[index] !== undefined || text.charCodeAt(nameEnd) !== code.equals) return -1;
  const isQuoted = text.charCodeAt(nameEnd + 1) === code.quote;
  const valueStart = isQuoted ? nameEnd + 2 : nameEnd + 1;
  const valueEnd = skipWhile(text, valueStart, isQuoted ? octetClass.quoted : octetClass.token);
  if (isQuoted ? text.charCodeAt(valueEnd) !== code.quote : valueEnd === valueStart) return -1;
  values[index] = text.slice(valueStart, valueEnd);
  return isQuoted ? valueEnd + 1 : valueEnd;
}

function indexOfName(text: string, at: number, length: number): number {
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    if (name?.length === length && text.startsWith(name, at)) return index;
  }
  return -1;
}

function credentialsOf(values: Values): DigestCredentials | undefined {
  const [username, realm, nonce, uri, response, algorithm, cnonce, opaque, qop, nc] = values;
  if (username === undefined || realm === undefined || nonce === undefined) return undefined;
  if (uri === undefined || response === undefined || !consistsOf(response, octetClass.hex)) return undefined;
  if (nc !== undefined && !(nc.length === 8 && consistsOf(nc, octetClass.hex))) return undefined;
  return {
    kind: 'digest',
    username,
    realm,
    nonce,
    uri,
    response,
    algorithm,
    cnonce,
    opaque,
    qop,
    nc,
    parameters: noParameters,
  };
}
