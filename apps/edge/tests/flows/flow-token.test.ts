import { seededRandom } from '@parley/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowTokens } from '../../src/flows/flow-token.ts';

const key = new Uint8Array(32).fill(7);
const tokens = new FlowTokens('e1', key, seededRandom(1));
const end = { flow: 'udp:192.0.2.1:5060', account: 'zoë', binding: 'q3Zx', isOfPair: true };

describe('Flow token (RFC 5626 §5.2)', () => {
  it('says which end it stands for, in characters that a user part needs not escape', () => {
    const token = tokens.seal(end);
    expect(token).toMatch(/^[\w-]+$/);
    expect(tokens.open(token)).toEqual({ instance: 'e1', ...end });
    expect(Buffer.from(token, 'base64url').toString('latin1')).not.toContain('192.0.2.1');
  });

  it('is opened by every edge with the key, before and after a restart', () => {
    const other = new FlowTokens('e2', key, seededRandom(2));
    expect(other.open(tokens.seal(end))).toEqual({ instance: 'e1', ...end });
    expect(tokens.open(tokens.seal({ instance: 'e2', flow: 'f' }))?.instance).toBe('e2');
  });

  it('MUST NOT be one that somebody else could have made', () => {
    const foreign = new FlowTokens('e1', new Uint8Array(32).fill(8), seededRandom(1));
    expect(foreign.open(tokens.seal(end))).toBeUndefined();
    const octets = Buffer.from(tokens.seal(end), 'base64url');
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
