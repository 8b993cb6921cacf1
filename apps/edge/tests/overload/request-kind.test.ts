import { describe, expect, it } from 'vitest';
import { isDirect, kindOf, kindOfDatagram } from '../../src/overload/request-kind.ts';
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

  it.each([
    ['MESSAGE sip:bob@localhost SIP/2.0\r\n', 'message'],
    ['SUBSCRIBE sip:bob@localhost SIP/2.0\r\n', 'deferrable'],
    ['OPTIONS sip:bob@localhost SIP/2.0\r\n', 'deferrable'],
    ['PUBLISH sip:bob@localhost SIP/2.0\r\n', 'deferrable'],
    ['SIP/2.0 200 OK\r\n', undefined],
    ['REGISTER sip:localhost SIP/2.0\r\n', undefined],
    ['INVITE sip:bob@localhost SIP/2.0\r\n', undefined],
    ['PRACK sip:bob@localhost SIP/2.0\r\n', undefined],
    ['BYE sip:bob@localhost SIP/2.0\r\n', undefined],
    ['MESSAGE sip:bob@localhost SIP/2.0\r\nPriority: emergency\r\n', undefined],
    ['', undefined],
  ] as const)('%j is %s by its first octets', (text, kind) => {
    expect(kindOfDatagram(Buffer.from(text))).toBe(kind);
  });
});

describe('A request', () => {
  it('comes straight from its sender with one Via, by a proxy with more', () => {
    expect(isDirect(requestWith('MESSAGE sip:bob@localhost'))).toBe(true);
    expect(isDirect(requestWith('MESSAGE sip:bob@localhost', ['v: SIP/2.0/UDP a;branch=z9hG4bK1']))).toBe(false);
  });
});
