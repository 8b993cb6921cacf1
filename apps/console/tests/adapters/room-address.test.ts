import { isSipUri, parseUri, unescapeUri } from '@parley/sip';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roomName, roomUri } from '../../src/adapters/room-address.ts';
import { memberAddress } from '../../src/api/room-schemas.ts';

const domain = 'chat.localhost';

describe('addresses of rooms', () => {
  it('spell any name so that it can be read again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (name) => {
        const uri = roomUri(name, domain);
        if (!uri.ok) return;
        expect(roomName(uri.value)).toBe(name);
        const parsed = parseUri(uri.value);
        const user = parsed.ok && isSipUri(parsed.value) ? parsed.value.user : undefined;
        expect(unescapeUri(user ?? '')).toBe(name);
      }),
    );
  });

  it('cannot be made of nothing, of controls, of half characters, or of too much', () => {
    for (const name of ['', '\u0000', 'a\u007f', '\ud800', 'x'.repeat(129), 'ü'.repeat(22), 'factory']) {
      expect(roomUri(name, domain), JSON.stringify(name)).toMatchObject({ ok: false });
    }
    expect(roomUri('x'.repeat(128), domain)).toMatchObject({ ok: true });
  });
});

describe('addresses of members', () => {
  it.each([
    ['alice', 'sip:alice@localhost'],
    ['sip:alice@localhost', 'sip:alice@localhost'],
    ['sips:Alice@Example.ORG;transport=tcp', 'sip:Alice@example.org'],
    ['sip:localhost', undefined],
    ['tel:+358555', undefined],
    ['alice@localhost', undefined],
    ['', undefined],
  ])('%s is %s', (text, address) => {
    expect(memberAddress(text, 'localhost')).toBe(address);
  });
});
