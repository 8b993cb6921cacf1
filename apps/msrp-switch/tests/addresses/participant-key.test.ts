import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { participantKey } from '../../src/addresses/participant-key.ts';

describe('URIs of one participant', () => {
  it.each([
    ['sip:alice@localhost', 'SIP:alice@LOCALHOST'],
    ['sip:alice@localhost', 'sip:%61lice@localhost'],
    ['sip:alice@localhost', 'sips:alice@localhost;transport=tls'],
    ['sip:alice@localhost', 'im:alice@localhost'],
    ['tel:+1-201-555-0123', 'tel:+12015550123'],
  ])('%s is %s (RFC 3261 §19.1.4, RFC 3966 §4)', (one, two) => {
    expect(participantKey(two)).toBe(participantKey(one));
  });

  it.each([
    ['sip:alice@localhost', 'sip:Alice@localhost'],
    ['sip:alice@localhost', 'sip:alice@localhost:5070'],
    ['sip:alice@localhost', 'sip:alice@localhost;gr=urn:uuid:1'],
    ['sip:alice@localhost', 'sip:bob@localhost'],
  ])('%s is not %s', (one, two) => {
    expect(participantKey(two)).not.toBe(participantKey(one));
  });

  it('are compared without throwing, whatever they hold', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof participantKey(text) === 'string'));
  });
});
