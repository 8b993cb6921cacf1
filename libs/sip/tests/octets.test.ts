import { unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createRequest,
  createResponseTo,
  octetsAtMost,
  parseSipMessage,
  serialise,
  withRawField,
} from '../src/index.ts';

const request = createRequest({
  method: 'MESSAGE',
  requestUri: 'sip:bob@example.com',
  fields: [
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1'],
    ['From', '<sip:alice@example.com>;tag=1'],
    ['To', '<sip:bob@example.com>'],
    ['Call-ID', 'c1'],
    ['CSeq', '1 MESSAGE'],
  ],
});

describe('Octets of a message', () => {
  it('are never fewer than it takes, and few more', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 300, unit: 'grapheme-ascii' }),
        fc.uint8Array({ maxLength: 400 }),
        (text, body) => {
          const made = { ...withRawField(request, 'Subject', text), body };
          for (const message of [made, unwrap(parseSipMessage(serialise(made))), createResponseTo(made, 200)]) {
            const written = serialise(message).length;
            expect(octetsAtMost(message)).toBeGreaterThanOrEqual(written);
            expect(octetsAtMost(message)).toBeLessThanOrEqual(written + 48);
          }
        },
      ),
    );
  });
});
