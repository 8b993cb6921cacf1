import { code, octetClass, skipWhile } from '../grammar/characters.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { single } from './define.ts';

/** Place of a request in its dialog. */
export interface CSeq {
  /** Less than 2^31. @spec RFC 3261 §8.1.1.5 */
  readonly sequence: number;
  readonly method: string;
}

/** What a PRACK acknowledges. @spec RFC 3262 §7.2 */
export interface RAck extends CSeq {
  readonly response: number;
}

const mostSequence = 2 ** 31 - 1;
const mostResponse = 2 ** 32 - 1;

function scanCSeq(s: Scanner): CSeq {
  const sequence = s.number('CSeq', mostSequence);
  s.expectBlanks('CSeq');
  return { sequence, method: s.token('Method') };
}

/** Digits that are less than {@link mostSequence} whatever they are. */
const plainDigits = 9;

/** A short number, a space and the method. */
function plainCSeq(text: string, start: number, end: number): CSeq | undefined {
  const begin = skipWhile(text, start, octetClass.blank);
  const space = skipWhile(text, begin, octetClass.digit);
  if (space === begin || space - begin > plainDigits || text.charCodeAt(space) !== code.space) return undefined;
  if (space + 1 >= end || skipWhile(text, space + 1, octetClass.token) !== end) return undefined;
  return { sequence: Number(text.slice(begin, space)), method: text.slice(space + 1, end) };
}

/** Number and method of the request. @spec RFC 3261 §20.16 */
export const cSeq: HeaderDefinition<CSeq> = single(
  'CSeq',
  scanCSeq,
  (value) => `${value.sequence} ${value.method}`,
  plainCSeq,
);

/** Provisional response that a PRACK acknowledges. @spec RFC 3262 §7.2 */
export const rAck: HeaderDefinition<RAck> = single(
  'RAck',
  (s) => {
    const response = s.number('response-num', mostResponse);
    s.expectBlanks('RAck');
    return { response, ...scanCSeq(s) };
  },
  (value) => `${value.response} ${value.sequence} ${value.method}`,
);
