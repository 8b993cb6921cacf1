import { describe, expect, it } from 'vitest';
import { isDirect, kindOf } from '../../src/overload/request-kind.ts';
import { requestWith } from '../support/messages.ts';

describe('What a request is worth to a server that cannot take all (RFC 7339 §5.10.1)', () => {
  it.each([
    ['REGISTER sip:localhost', [], 'kept'],
    ['BYE sip:bob@localhost', [], 'kept'],
    ['MESSAGE sip:bob@localhost', [], 'message'],
    ['INVITE sip:room@chat.localhost', [], 'message'],
    ['SUBSCRIBE sip:room@chat.localhost', [], 'deferrable'],
    ['OPTIONS sip:localhost', [], 'deferrable'],
    ['FOO sip:localhost', [], 'deferrable'],
    ['MESSAGE sip:bob@localhost', ['Priority: Emergency'], 'kept'],
    ['MESSAGE sip:bob@localhost', ['Priority: urgent'], 'message'],
    ['MESSAGE sip:bob@localhost', ['Resource-Priority: esnet.1'], 'kept'],
    ['MESSAGE sip:bob@localhost', ['Resource-Priority: q735.3'], 'message'],
    ['INVITE urn:service:sos.fire', [], 'kept'],
  ] as const)('%s %j is %s', (line, fields, kind) => {
    expect(kindOf(requestWith(line, fields))).toBe(kind);
  });

  it('keeps what belongs to a dialog', () => {
    const text = requestWith('MESSAGE sip:bob@localhost');
    expect(kindOf(text)).toBe('message');
    expect(kindOf(requestWith('INFO sip:bob@localhost', ['t: <sip:bob@localhost>;tag=b']))).toBe('deferrable');
  });
});

describe('A request', () => {
  it('comes straight from its sender with one Via, by a proxy with more', () => {
    expect(isDirect(requestWith('MESSAGE sip:bob@localhost'))).toBe(true);
    expect(isDirect(requestWith('MESSAGE sip:bob@localhost', ['v: SIP/2.0/UDP a;branch=z9hG4bK1']))).toBe(false);
  });
});
