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

/** Number and method of the request. @spec RFC 3261 §20.16 */
export const cSeq: HeaderDefinition<CSeq> = single('CSeq', scanCSeq, (value) => `${value.sequence} ${value.method}`);

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
