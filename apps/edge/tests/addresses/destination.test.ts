import { unwrap } from '@parley/prelude';
import { canonicalHost, parseUri } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import type { ServedNames } from '../../src/addresses/destination.ts';
import { destinationOf } from '../../src/addresses/destination.ts';

const names: ServedNames = {
  domain: 'example.com',
  aliases: new Set(['192.0.2.1', 'im.example.com', canonicalHost('[2001:db8::1]')]),
  chatDomain: 'chat.example.com',
  ports: new Set([5060, 5061]),
};
const to = (text: string): unknown => destinationOf(unwrap(parseUri(text)), names);

describe('Whom a URI names', () => {
  it('is a user at the domain, an alias or a listening address, by sip, sips and im', () => {
    for (const uri of [
      'sip:alice@example.com',
      'sips:alice@EXAMPLE.com',
      'sip:al%69ce@192.0.2.1:5060',
      'im:alice@im.example.com',
      'sip:alice@[2001:db8::1]:5061;transport=tcp',
    ]) {
      expect(to(uri), uri).toEqual({ kind: 'user', name: 'alice' });
    }
  });
  it('MUST be the same however an IPv6 address is written, and with the dot of the root (RFC 5118 §4.5)', () => {
    for (const host of [
      '[2001:DB8:0:0::1]',
      '[2001:0db8:0:0:0:0:0.0.0.1]:5060',
      'example.com.',
      'x;maddr=[2001:db8:0::1]',
    ]) {
      expect(to(`sip:alice@${host.replace('x;', 'example.com;')}`), host).toEqual({ kind: 'user', name: 'alice' });
    }
    expect(to('sip:lobby@chat.example.com.')).toMatchObject({ kind: 'room', uri: 'sip:lobby@chat.example.com' });
    expect(to('sip:alice@[2001:db8::2]')).toMatchObject({ kind: 'foreign' });
  });
  it('is the server without a user, and another server at another port', () => {
    expect(to('sip:example.com')).toEqual({ kind: 'server' });
    expect(to('sip:alice@192.0.2.1:5999')).toEqual({ kind: 'foreign', host: '192.0.2.1' });
  });
  it('is a room in one spelling, the factory, or the chat domain', () => {
    const room = { kind: 'room', name: 'lobby', uri: 'sip:lobby@chat.example.com' };
    expect(to('sip:lobby@Chat.Example.com')).toEqual(room);
    expect(to('sip:l%6fbby@chat.example.com')).toEqual(room);
    expect(to('sip:factory@chat.example.com')).toEqual({ kind: 'factory' });
    expect(to('sip:chat.example.com')).toEqual({ kind: 'chat-server' });
  });
  it('is the list service, a telephone, a foreign domain or nothing that SIP reaches', () => {
    expect(to('sip:list@example.com')).toEqual({ kind: 'list' });
    expect(to('tel:+358-555-1234567')).toEqual({ kind: 'telephone', number: '+358-555-1234567' });
    expect(to('sip:bob@example.net')).toEqual({ kind: 'foreign', host: 'example.net' });
    expect(to('http://example.com')).toEqual({ kind: 'unsupported-scheme', scheme: 'http' });
  });
});
