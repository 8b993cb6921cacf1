import { describe, expect, it } from 'vitest';
import { isLooped, loopMark } from '../../src/routing/loop-mark.ts';
import { requestWith } from '../support/messages.ts';

const seed = 7;
const first = requestWith('MESSAGE sip:bob@localhost');

function cameBack(mark: string, startLine = 'MESSAGE sip:bob@localhost', sentBy = '192.0.2.1:5060') {
  return requestWith(startLine, [`Via: SIP/2.0/UDP ${sentBy};rport;branch=${mark}abcdef`]);
}

describe('Loop detection (RFC 3261 §16.3 step 4)', () => {
  it('finds a request that passed in this very form', () => {
    expect(isLooped(cameBack(loopMark(first, seed)), seed)).toBe(true);
  });

  it('takes a spiral, whose Request-URI has changed, for none (RFC 3261 §6)', () => {
    expect(isLooped(cameBack(loopMark(first, seed), 'MESSAGE sip:carol@localhost'), seed)).toBe(false);
  });

  it('believes only marks of its own, and knows those of every edge', () => {
    expect(isLooped(cameBack(loopMark(first, seed + 1)), seed)).toBe(false);
    expect(isLooped(cameBack(loopMark(first, seed), undefined, '192.0.2.8:5060'), seed)).toBe(true);
    expect(isLooped(first, seed)).toBe(false);
  });

  it('has a fixed length, so that no mark is the start of another', () => {
    for (let i = 0; i < 50; i++) expect(loopMark(first, i * 77_777_777)).toMatch(/^z9hG4bK[0-9a-v]{7}$/);
  });
});
