import { dateTimeAt } from '@parley/cpim';
import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { attributedPayload, readImdn } from '../src/index.ts';

const imdn = {
  messageId: 'm1',
  recipientUri: 'sip:carol@example.net',
  originalRecipientUri: 'sip:carol@example.net',
  note: { text: 'it was carol' },
  disposition: { type: 'delivery', status: 'delivered' },
} as const;
const now = dateTimeAt(0);

describe('A notification that an intermediary collects', () => {
  it('MUST be of who sent it, whomever it names (REQ-DISNOT-8)', () => {
    const read = unwrap(readImdn(attributedPayload(imdn, 'sip:bob@example.net', now)));
    expect(read).toEqual({
      ...imdn,
      dateTime: now,
      recipientUri: 'sip:bob@example.net',
      originalRecipientUri: 'sip:bob@example.net',
    });
  });

  it('MUST hold no trace of a member that a list hides, his note neither (RFC 5438 §14.2)', () => {
    const read = unwrap(readImdn(attributedPayload(imdn, undefined, now)));
    expect(read).toEqual({ messageId: 'm1', disposition: imdn.disposition, dateTime: now });
  });
});
