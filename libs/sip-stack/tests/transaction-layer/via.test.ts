import { unwrap } from '@parley/prelude';
import { createRequest, field, readRawAll } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { responseTarget, stampSource } from '../../src/index.ts';

function stamped(...vias: readonly string[]): readonly string[] {
  const request = createRequest({
    method: 'MESSAGE',
    requestUri: 'sip:bob@example.net',
    fields: vias.map((via) => ['Via', via]),
  });
  return readRawAll(stampSource(request, { address: '192.0.2.4', port: 40_000 }), 'Via');
}

describe('the source of a request in its Via', () => {
  it('MUST be added as received where sent-by is a name (RFC 3261 §18.2.1)', () => {
    expect(stamped('SIP/2.0/UDP bobspc.biloxi.com:5060')).toEqual([
      'SIP/2.0/UDP bobspc.biloxi.com:5060;received=192.0.2.4',
    ]);
  });

  it('MUST be added where sent-by is another address (RFC 3261 §18.2.1)', () => {
    expect(stamped('SIP/2.0/TCP 10.1.1.1;branch=z9hG4bKa')).toEqual([
      'SIP/2.0/TCP 10.1.1.1;branch=z9hG4bKa;received=192.0.2.4',
    ]);
  });

  it('is left out where sent-by says it', () => {
    expect(stamped('SIP/2.0/UDP 192.0.2.4:5060;branch=z9hG4bKa')).toEqual([
      'SIP/2.0/UDP 192.0.2.4:5060;branch=z9hG4bKa',
    ]);
  });

  it('MUST be there, with the port, where rport asks for it (RFC 3581 §4)', () => {
    expect(stamped('SIP/2.0/UDP 192.0.2.4:5060;rport;branch=z9hG4bKa', 'SIP/2.0/UDP other')).toEqual([
      'SIP/2.0/UDP 192.0.2.4:5060;branch=z9hG4bKa;received=192.0.2.4;rport=40000',
      'SIP/2.0/UDP other',
    ]);
  });

  it('replaces what the sender claims', () => {
    expect(stamped('SIP/2.0/UDP 10.1.1.1;received=203.0.113.9;rport=1;branch=z9hG4bKa')).toEqual([
      'SIP/2.0/UDP 10.1.1.1;branch=z9hG4bKa;received=192.0.2.4;rport=40000',
    ]);
    expect(stamped('SIP/2.0/UDP 192.0.2.4;received=203.0.113.9')).toEqual(['SIP/2.0/UDP 192.0.2.4']);
  });

  it('goes into the first value of a line with several', () => {
    expect(stamped('SIP/2.0/UDP a.example;branch=z9hG4bKa, SIP/2.0/UDP b.example;branch=z9hG4bKb')).toEqual([
      'SIP/2.0/UDP a.example;branch=z9hG4bKa;received=192.0.2.4',
      'SIP/2.0/UDP b.example;branch=z9hG4bKb',
    ]);
  });
});

describe('where a response goes (RFC 3261 §18.2.2)', () => {
  const target = (via: string): unknown => responseTarget(unwrap(field.via.parse(via)));

  it('over a connection: received, and the port of sent-by or the default', () => {
    expect(target('SIP/2.0/TCP a.example:5070;received=192.0.2.4;rport=40000')).toEqual({
      transport: 'TCP',
      host: '192.0.2.4',
      port: 5070,
    });
    expect(target('SIP/2.0/TLS a.example;received=192.0.2.4')).toEqual({
      transport: 'TLS',
      host: '192.0.2.4',
      port: 5061,
    });
  });

  it('to maddr with its ttl', () => {
    expect(target('SIP/2.0/UDP a.example;maddr=224.2.0.1;ttl=16;received=192.0.2.4')).toEqual({
      transport: 'UDP',
      host: '224.2.0.1',
      port: 5060,
      ttl: 16,
    });
  });

  it('to received and rport (RFC 3581 §4), or received and the port of sent-by', () => {
    expect(target('SIP/2.0/UDP a.example:5070;received=192.0.2.4;rport=40000')).toEqual({
      transport: 'UDP',
      host: '192.0.2.4',
      port: 40_000,
    });
    expect(target('SIP/2.0/UDP a.example:5070;received=192.0.2.4')).toEqual({
      transport: 'UDP',
      host: '192.0.2.4',
      port: 5070,
    });
  });

  it('to sent-by, to be resolved where it has no port (RFC 3263 §5)', () => {
    expect(target('SIP/2.0/UDP a.example')).toEqual({ transport: 'UDP', host: 'a.example' });
    expect(target('SIP/2.0/UDP 192.0.2.4')).toEqual({ transport: 'UDP', host: '192.0.2.4', port: 5060 });
    expect(target('SIP/2.0/UDP [2001:db8::1]:5080')).toEqual({ transport: 'UDP', host: '2001:db8::1', port: 5080 });
  });
});
