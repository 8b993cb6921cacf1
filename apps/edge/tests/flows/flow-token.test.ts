import { seededRandom } from '@parley/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowTokens } from '../../src/flows/flow-token.ts';

const tokens = new FlowTokens('e1', seededRandom(1));
const pair = { caller: 'udp:192.0.2.1:5060', callee: 'q3Zx' };

describe('Flow token (RFC 5626 §5.2)', () => {
  it('says which flows it stands for, in characters that a user part needs not escape', () => {
    const token = tokens.seal(pair);
    expect(token).toMatch(/^[\w-]+$/);
    expect(tokens.open(token)).toEqual(pair);
  });

  it('MUST NOT be one that somebody else could have made', () => {
    expect(new FlowTokens('e1', seededRandom(2)).open(tokens.seal(pair))).toBeUndefined();
    expect(new FlowTokens('e2', seededRandom(1)).open(tokens.seal(pair))).toBeUndefined();
    const octets = Buffer.from(tokens.seal(pair), 'base64url');
    for (let i = 0; i < octets.length; i++) {
      const changed = Buffer.from(octets);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(tokens.open(changed.toString('base64url'))).toBeUndefined();
    }
  });

  it('takes any text for what it is, and throws at none', () => {
    fc.assert(fc.property(fc.string(), (text) => tokens.open(text) === undefined));
  });
});
