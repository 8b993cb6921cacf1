import { createResponse } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { accepts, mayTakeText, refusesCpim } from '../../src/plain-only/accepts.ts';
import { requestWith } from '../support/messages.ts';

const register = (...accept: readonly string[]) =>
  requestWith(
    'REGISTER sip:localhost',
    accept.map((value) => `Accept: ${value}`),
  );
const refusal = (statusCode: number, ...accept: readonly string[]) =>
  createResponse({ statusCode, fields: accept.map((value) => ['Accept', value] as const) });

describe('what a peer says about CPIM (RFC 3261 §20.1)', () => {
  it.each([
    [['text/plain', 'message/cpim'], true],
    [['text/plain, Message/CPIM;q=0.5'], true],
    [['*/*'], true],
    [['message/*'], true],
    [['text/plain'], false],
    [['text/plain, message/cpim;q=0'], false],
    [[''], false],
    [[], undefined],
    [['?'], undefined],
  ])('%j: %j', (accept, expected) => {
    expect(accepts(register(...accept), 'message/cpim')).toBe(expected);
  });

  it('is a lasting refusal of CPIM only in a 415 that names other types (§21.4.13)', () => {
    expect(refusesCpim(refusal(415, 'text/plain'))).toBe(true);
    expect(refusesCpim(refusal(415))).toBe(false);
    expect(refusesCpim(refusal(415, 'text/plain, message/cpim'))).toBe(false);
    expect(refusesCpim(refusal(488, 'text/plain'))).toBe(false);
  });

  it('may have meant the wrapper alone, unless it says that text is not taken either', () => {
    expect(mayTakeText(refusal(415))).toBe(true);
    expect(mayTakeText(refusal(415, 'text/*'))).toBe(true);
    expect(mayTakeText(refusal(415, 'application/sdp'))).toBe(false);
    expect(mayTakeText(refusal(415, 'text/plain, message/cpim'))).toBe(false);
    expect(mayTakeText(refusal(488))).toBe(false);
  });
});
