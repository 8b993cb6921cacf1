import { describe, expect, it } from 'vitest';
import { recipientUri } from '../../../src/cli/sip/addresses.ts';

describe('Whom a message is for', () => {
  it.each([
    ['bob', 'sip:bob@localhost'],
    ['+15551234', 'sip:+15551234@localhost'],
    ['sips:bob@localhost', 'sips:bob@localhost'],
    ['im:bob@localhost', 'im:bob@localhost'],
    ['tel:+1-555-1234', 'tel:+1-555-1234'],
  ])('may be given as %s', (text, uri) => {
    expect(recipientUri(text, 'localhost', 'to')).toBe(uri);
  });

  it.each(['mailto:bob@localhost', 'tel:1234', 'im:bob', 'pres:bob@localhost', 'sip:', ''])(
    'may not be given as "%s", and is told how',
    (text) => {
      const complaint =
        'to: expected a name, or an address such as sip:bob@localhost, im:bob@localhost or tel:+15551234';
      expect(() => recipientUri(text, 'localhost', 'to')).toThrow(complaint);
    },
  );
});
