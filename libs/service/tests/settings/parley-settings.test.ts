import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { parleySettings, uriHost } from '../../src/index.ts';
import type { Environment } from '../../src/index.ts';

function complaint(environment: Environment): string {
  const settings = parleySettings(environment);
  if (settings.ok) expect.unreachable();
  expect(settings.error.message).not.toContain('\n');
  return settings.error.message;
}

describe('settings', () => {
  it('have the defaults of a machine of one’s own', () => {
    expect(unwrap(parleySettings({ HOME: '/root', PARLEY: 'x' }))).toMatchObject({
      domain: 'localhost',
      chatDomain: 'chat.localhost',
      host: '127.0.0.1',
      publicHost: '127.0.0.1',
      sipPort: 5060,
      httpPort: 8080,
      natsUrls: [],
      users: undefined,
      auth: 'digest',
      tls: undefined,
      url: 'http://127.0.0.1:8080',
    });
  });

  it('have a chat domain that can be one beside a domain that is an address (RFC 3261 §25.1)', () => {
    expect(unwrap(parleySettings({ PARLEY_DOMAIN: '192.0.2.1' }))).toMatchObject({ chatDomain: 'chat.localhost' });
  });

  it('derive what is not said from what is', () => {
    const settings = unwrap(
      parleySettings({ PARLEY_DOMAIN: 'Example.NET.', PARLEY_HOST: '[2001:DB8::1]', PARLEY_HTTP_PORT: '0' }),
    );
    expect(settings).toMatchObject({
      domain: 'example.net',
      chatDomain: 'chat.example.net',
      publicHost: '2001:db8::1',
    });
  });

  it('never tell others to send to an address that means every interface', () => {
    expect(unwrap(parleySettings({ PARLEY_HOST: '0.0.0.0' })).publicHost).not.toBe('0.0.0.0');
  });

  it('read lists into values', () => {
    const settings = unwrap(
      parleySettings({
        PARLEY_USERS: 'alice:secret, bob:se:cret,',
        PARLEY_DOMAIN_ALIASES: 'a.example,b.example',
        PARLEY_NATS_URL: 'nats://n1:4222,tls://n2',
        PARLEY_DNS: '[::1]:5353',
        PARLEY_PEERS: 'example.net=sip:192.0.2.7:5070;transport=tcp,example.org=sips:edge.example.org',
      }),
    );
    expect(settings.users).toEqual([
      { name: 'alice', password: 'secret' },
      { name: 'bob', password: 'se:cret' },
    ]);
    expect(settings.domainAliases).toEqual(['a.example', 'b.example']);
    expect(settings.natsUrls).toEqual(['nats://n1:4222', 'tls://n2']);
    expect(settings.dns).toEqual({ host: '::1', port: 5353 });
    expect(settings.peers).toEqual([
      {
        domain: 'example.net',
        uri: 'sip:192.0.2.7:5070;transport=tcp',
        secure: false,
        transport: 'tcp',
        host: '192.0.2.7',
        port: 5070,
      },
      {
        domain: 'example.org',
        uri: 'sips:edge.example.org',
        secure: true,
        transport: 'tls',
        host: 'edge.example.org',
        port: 5061,
      },
    ]);
  });

  it('take an empty value for an unset one', () => {
    expect(unwrap(parleySettings({ PARLEY_SIP_PORT: ' ' })).sipPort).toBe(5060);
  });

  it.each([
    [
      'PARLEY_SIP_PORT',
      '65536',
      'PARLEY_SIP_PORT="65536" is not allowed: it must be a port, an integer from 0 to 65535',
    ],
    ['PARLEY_SIP_PORT', '5060x', 'an integer from 0 to 65535'],
    ['PARLEY_SIP_PORT', '-1', 'an integer from 0 to 65535'],
    ['PARLEY_AUTH', 'basic', 'it must be "digest" or "none"'],
    ['PARLEY_HOST', '127.0.0.256', 'a host name or an IP address'],
    ['PARLEY_DOMAIN', 'exa mple', 'a domain name'],
    ['PARLEY_PEERS', 'example.net', 'domain=sip:host[:port]'],
    ['PARLEY_PEERS', 'example.net=sip:h;transport=sctp', 'transport=udp|tcp|tls|ws|wss'],
    ['PARLEY_MAX_SIZE', '0', 'octets, an integer from 1'],
    ['PARLEY_LEASE_MS', '2999', 'milliseconds, an integer from 3000'],
    ['PARLEY_LOG', 'loud', '"trace" or "debug"'],
    ['PARLEY_DNS', 'ns.example.com', 'an IP address, or address:port'],
    ['PARLEY_DNS', '192.0.2.53:0', 'an IP address, or address:port'],
    ['PARLEY_INSTANCE', 'edge.1', 'letters, digits, - and _'],
    ['PARLEY_URL', 'ftp://x', 'http:// or https://'],
  ])('stop for %s=%s with one line that says what is allowed', (name, value, expected) => {
    expect(complaint({ [name]: value })).toContain(expected);
    expect(complaint({ [name]: value })).toContain(`${name}=${JSON.stringify(value)}`);
  });

  it('stop for an unknown name and suggest the nearest', () => {
    expect(complaint({ PARLEY_SIP_PROT: '5060' })).toBe(
      'PARLEY_SIP_PROT="5060" is not a known setting; did you mean PARLEY_SIP_PORT?',
    );
    expect(complaint({ PARLEY_XYZZY_PLUGH: '1' })).toContain('known are PARLEY_DOMAIN, ');
    expect(complaint({ PARLEY_constructor: '1' })).toContain('not a known setting');
  });

  it.each([
    { PARLEY_USERS: 'alice:hunter2,bob' },
    { PARLEY_USERS: 'alice:hunter2,alice:other' },
    { PARLEY_USER: 'alice:hunter2' },
    { PARLEY_ADMIN_TOKE: 'hunter2' },
    { PARLEY_SESAME: 'hunter2' },
    { PARLEY_NATS_URL: 'http://me:hunter2@nats' },
  ])('never show a secret: %o', (environment) => {
    expect(complaint(environment as Environment)).toContain('***');
    expect(complaint(environment as Environment)).not.toContain('hunter2');
  });

  it('refuse to serve without authentication where other machines can reach it', () => {
    for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) {
      expect(parleySettings({ PARLEY_AUTH: 'none', PARLEY_HOST: host }).ok).toBe(true);
    }
    for (const host of ['0.0.0.0', '192.0.2.1', '::', '127.example.net']) {
      expect(complaint({ PARLEY_AUTH: 'none', PARLEY_HOST: host })).toContain(
        'PARLEY_AUTH="none" is not allowed with PARLEY_HOST',
      );
    }
  });

  it('refuse a certificate without its key', () => {
    expect(complaint({ PARLEY_TLS_CERT: 'a.pem' })).toContain('go together');
    expect(complaint({ PARLEY_TLS_KEY: 'a.pem' })).toContain('go together');
  });

  it('refuse a chat domain that is the domain of the users too', () => {
    expect(complaint({ PARLEY_DOMAIN: 'example.net', PARLEY_CHAT_DOMAIN: 'Example.net' })).toContain(
      'PARLEY_CHAT_DOMAIN',
    );
    expect(complaint({ PARLEY_DOMAIN_ALIASES: 'chat.localhost' })).toContain('PARLEY_CHAT_DOMAIN');
    expect(complaint({ PARLEY_PEERS: 'one.example=sip:192.0.2.1,One.example=sip:192.0.2.2' })).toContain(
      'PARLEY_PEERS',
    );
  });
});

it('A host before a port: IPv6 MUST be in brackets (RFC 3986 §3.2.2)', () => {
  expect(['::1', '[::1]', '127.0.0.1', 'im.example.net'].map(uriHost)).toEqual([
    '[::1]',
    '[::1]',
    '127.0.0.1',
    'im.example.net',
  ]);
});
