import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { equalMsrpUris, parseMsrpUri, serialiseMsrpUri } from '../src/index.ts';
import type { MsrpUri } from '../src/index.ts';

const uri = (text: string): MsrpUri => unwrap(parseMsrpUri(text));
const rejected = (text: string): string | undefined => {
  const result = parseMsrpUri(text);
  return result.ok ? undefined : result.error.rule;
};

describe('MSRP-URI', () => {
  it('reads every part (RFC 4975 §9)', () => {
    expect(uri('msrps://alice@[2001:db8::1]:2855/a+b=c/d;ws;x;y=z')).toEqual({
      scheme: 'msrps',
      userinfo: 'alice',
      host: '[2001:db8::1]',
      port: 2855,
      sessionId: 'a+b=c/d',
      transport: 'ws',
      parameters: [
        { name: 'x', value: undefined },
        { name: 'y', value: 'z' },
      ],
    });
  });

  it.each([
    'msrp://host.example.com:8493/asfd34;tcp',
    'msrps://alice@intra.example.com;tcp',
    'msrp://192.0.2.1:9/s;tcp',
    'msrps://df7jal23ls0d.invalid:2855/98cjs;ws',
    'msrp://[v1.x:y]:1/a;sctp',
    'msrp://ex%41mple:1/a;tcp',
  ])('gives %s back unchanged', (text) => {
    expect(serialiseMsrpUri(uri(text))).toBe(text);
  });

  it.each([
    ['sip:alice@example.com', 'MSRP-URI'],
    ['msrp://host:1/s', 'MSRP-URI'],
    ['msrp://host:1/;tcp', 'MSRP-URI'],
    ['msrp://:1/s;tcp', 'MSRP-URI'],
    ['msrp://host:1/s;tcp;', 'MSRP-URI'],
    ['msrp://host:1/s%41;tcp', 'MSRP-URI'],
    ['msrp://host:1/s;tcp;a=b=c', 'MSRP-URI'],
    ['msrp://alice:secret@host:1/s;tcp', 'MSRP-URI'],
    ['msrp://host:70000/s;tcp', 'port'],
    ['msrp://[::1::]:1/s;tcp', 'IP-literal'],
    ['msrp://ho%4gst:1/s;tcp', 'pct-encoded'],
    ['', 'MSRP-URI'],
  ])('refuses %s', (text, rule) => {
    expect(rejected(text)).toBe(rule);
  });
});

describe('MSRP URI comparison (RFC 4975 §6.1)', () => {
  it.each([
    ['the scheme in any case', 'msrp://a:1/s;tcp', 'MSRP://a:1/s;tcp', true],
    ['different schemes never', 'msrp://a:1/s;tcp', 'msrps://a:1/s;tcp', false],
    ['hosts in any case', 'msrp://Host.Example:1/s;tcp', 'msrp://hOST.eXAMPLE:1/s;tcp', true],
    ['percent-encoded unreserved characters decoded', 'msrp://h%6Fst:1/s;tcp', 'msrp://host:1/s;tcp', true],
    ['equivalent IPv6 addresses', 'msrp://[::1]:1/s;tcp', 'msrp://[0:0:0:0:0:0:0:1]:1/s;tcp', true],
    ['IPv6 with an IPv4 tail', 'msrp://[::ffff:1.2.3.4]:1/s;tcp', 'msrp://[::FFFF:102:304]:1/s;tcp', true],
    ['different ports never', 'msrp://a:1/s;tcp', 'msrp://a:2/s;tcp', false],
    ['a port never with none', 'msrp://a:2855/s;tcp', 'msrp://a/s;tcp', false],
    ['session-ids with regard to case', 'msrp://a:1/s;tcp', 'msrp://a:1/S;tcp', false],
    ['a session never with none', 'msrp://a:1/s;tcp', 'msrp://a:1;tcp', false],
    ['different transports never', 'msrp://a:1/s;tcp', 'msrp://a:1/s;ws', false],
    ['transports in any case', 'msrp://a:1/s;tcp', 'msrp://a:1/s;TCP', true],
    ['without regard to userinfo', 'msrp://x@a:1/s;tcp', 'msrp://y@a:1/s;tcp', true],
  ])('matches %s', (_rule, a, b, equal) => {
    expect(equalMsrpUris(uri(a), uri(b))).toBe(equal);
  });
});
