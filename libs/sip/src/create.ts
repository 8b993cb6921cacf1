import { Fault, noBytes } from '@parley/prelude';
import { rawLine } from './edit.ts';
import type { FieldLine } from './field-line.ts';
import { lineOf, nameOf, valueOf } from './field-line.ts';
import { fieldId } from './field-names.ts';
import { isToken } from './grammar/characters.ts';
import { HeaderFields } from './header-fields.ts';
import { oneLine, oneWord } from './head-text.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { reasonPhrase as phraseOf } from './reason-phrases.ts';
import { to } from './fields/address.ts';

/** A name and its value as head text; a definition's `serialise` makes such text. */
export type RawField = readonly [name: string, value: string];

/** What a new request is made of. */
export interface RequestParts {
  readonly method: string;
  readonly requestUri: string;
  readonly fields: readonly RawField[];
  readonly body?: Uint8Array | undefined;
}

/** What a new response is made of. */
export interface ResponseParts {
  readonly statusCode: number;
  /** Head text; the phrase of the status code by default. */
  readonly reasonPhrase?: string | undefined;
  readonly fields: readonly RawField[];
  readonly body?: Uint8Array | undefined;
}

/** What a response has beyond what its request dictates. */
export interface ReplyParts {
  /** Put into To where the request has no tag. @spec RFC 3261 §8.2.6.2 */
  readonly toTag?: string | undefined;
  readonly fields?: readonly RawField[] | undefined;
  readonly body?: Uint8Array | undefined;
}

/**
 * A request from its parts, in their order; Content-Length comes by itself.
 *
 * @throws Fault when method, Request-URI or a name could not stand in a message
 */
export function createRequest(parts: RequestParts): SipRequest {
  if (!isToken(parts.method)) throw new Fault(`not a method: ${JSON.stringify(parts.method)}`);
  return {
    kind: 'request',
    method: parts.method,
    requestUri: oneWord(parts.requestUri, 'Request-URI'),
    fields: new HeaderFields(linesOf(parts.fields)),
    body: parts.body ?? noBytes,
  };
}

/**
 * A response from its parts, in their order; Content-Length comes by itself.
 *
 * @throws Fault when the status code is not 100 to 699 or a name could not stand in a message
 */
export function createResponse(parts: ResponseParts): SipResponse {
  return responseOf(parts.statusCode, parts.reasonPhrase, linesOf(parts.fields), parts.body);
}

/**
 * The response to a request: Via, From, To, Call-ID and CSeq as they came, Timestamp in a 100.
 *
 * @throws Fault when the status code is not 100 to 699 or a name could not stand in a message
 * @spec RFC 3261 §8.2.6
 */
export function createResponseTo(
  request: SipRequest,
  statusCode: number,
  reasonPhrase?: string,
  parts: ReplyParts = {},
): SipResponse {
  const lines: FieldLine[] = [];
  for (const line of request.fields.lines) {
    if (line.id === fieldId.to) lines.push(tagged(line, parts.toTag));
    else if (isCopied(line.id, statusCode)) lines.push(line);
  }
  lines.push(...linesOf(parts.fields ?? []));
  return responseOf(statusCode, reasonPhrase, lines, parts.body);
}

function responseOf(
  statusCode: number,
  reasonPhrase: string | undefined,
  lines: readonly FieldLine[],
  body: Uint8Array = noBytes,
): SipResponse {
  if (!(statusCode >= 100 && statusCode <= 699)) throw new Fault(`not a status code: ${statusCode}`);
  return {
    kind: 'response',
    statusCode,
    reasonPhrase: oneLine(reasonPhrase ?? phraseOf(statusCode)),
    fields: new HeaderFields(lines),
    body,
  };
}

function isCopied(id: number, statusCode: number): boolean {
  return (id >= fieldId.via && id <= fieldId.cSeq) || (id === fieldId.timestamp && statusCode === 100);
}

/** A To that cannot be read goes back as it came: its sender will know it. */
function tagged(line: FieldLine, tag: string | undefined): FieldLine {
  if (tag === undefined) return line;
  const value = valueOf(line);
  const parsed = to.parse(value);
  return parsed.ok && parsed.value.tag === undefined ? lineOf(nameOf(line), oneLine(`${value};tag=${tag}`)) : line;
}

function linesOf(fields: readonly RawField[]): FieldLine[] {
  return fields.map(([name, value]) => rawLine(name, value));
}
