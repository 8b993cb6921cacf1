import { describe, expect, it } from 'vitest';
import { unwrap } from '@parley/prelude';
import {
  checkRequest,
  checkResponse,
  equalUris,
  field,
  parseSipMessage,
  parseUri,
  read,
  readAll,
  readRaw,
  serialise,
} from '../src/index.ts';
import { failure, vector, vectorsIn } from './support.ts';

const good = ['rfc3428/valid', 'rfc3665/valid', 'rfc5118/valid'].flatMap(vectorsIn);

describe('example messages', () => {
  it.each(good)('reads every field of %s and gives its octets back', (name) => {
    const bytes = vector(name);
    const message = unwrap(parseSipMessage(bytes));
    expect(message.kind === 'request' ? checkRequest(message) : checkResponse(message)).toMatchObject({ ok: true });
    for (const definition of Object.values(field)) expect(readAll<unknown>(message, definition).ok).toBe(true);
    if (readRaw(message, 'Content-Length') !== undefined) expect(serialise(message)).toEqual(bytes);
  });

  it('refuses the parameters without a name that RFC 3428 prints in F3 and F4', () => {
    for (const name of vectorsIn('rfc3428/invalid')) {
      const message = unwrap(parseSipMessage(vector(name)));
      expect(message.kind === 'response' && failure(checkResponse(message)).message).toMatch(/^generic-param/);
    }
  });

  it('refuses the Authorization that lacks a comma in RFC 3665 §2.1, and nothing else of that REGISTER', () => {
    const message = unwrap(parseSipMessage(vector('rfc3665/invalid/003-register')));
    expect(message.kind === 'request' && checkRequest(message).ok).toBe(true);
    expect(failure(read(message, field.authorization)).rule).toBe('nonce');
  });

  it('reads the page-mode message of RFC 3428 §9', () => {
    const message = unwrap(parseSipMessage(vector('rfc3428/valid/F02-message')));
    expect(new TextDecoder().decode(message.body)).toBe('Watson, come here.');
    expect(unwrap(readAll(message, field.via))).toMatchObject([
      { host: 'proxy.domain.com' },
      { host: 'user1pc.domain.com', received: '1.2.3.4' },
    ]);
  });

  it('reads the digest of RFC 3665 §2.1', () => {
    const challenged = unwrap(parseSipMessage(vector('rfc3665/valid/002-401')));
    expect(unwrap(read(challenged, field.wwwAuthenticate))).toMatchObject({
      kind: 'digest',
      realm: 'atlanta.example.com',
      qop: ['auth'],
      nonce: 'ea9c8e88df84f1cec4341ae6cbe5a359',
      opaque: '',
      stale: false,
      algorithm: 'MD5',
    });
  });
});

describe('IPv6 (RFC 5118)', () => {
  const uriOf = (name: string): ReturnType<typeof parseUri> => {
    const message = unwrap(parseSipMessage(vector(name)));
    return parseUri(message.kind === 'request' ? message.requestUri : '');
  };

  it('answers an address without brackets with 400 (§4.2)', () => {
    const message = unwrap(parseSipMessage(vector('rfc5118/invalid/ipv6-bad')));
    expect(message.kind === 'request' && failure(checkRequest(message)).status).toBe(400);
  });

  it('takes a port only behind the brackets (§4.3, §4.4)', () => {
    expect(unwrap(uriOf('rfc5118/valid/port-ambiguous'))).toMatchObject({ host: '[2001:db8::10:5070]' });
    expect(unwrap(uriOf('rfc5118/valid/port-unambiguous'))).toMatchObject({ host: '[2001:db8::10]', port: 5070 });
  });

  it.each(['with', 'no'])('MUST take received %s delimiters, and writes it without (§4.5)', (which) => {
    const message = unwrap(parseSipMessage(vector(`rfc5118/valid/via-received-param-${which}-delim`)));
    const via = unwrap(read(message, field.via));
    expect(via).toMatchObject({ host: '[2001:db8::9:1]', received: '2001:db8::9:255' });
    expect(via && field.via.serialise(via)).toContain(';received=2001:db8::9:255');
  });

  it('takes the third colon of the grammar of RFC 3261 for the two that are meant (§4.10)', () => {
    const three = unwrap(uriOf('rfc5118/valid/ipv6-bug-abnf-3-colons'));
    expect(equalUris(three, unwrap(uriOf('rfc5118/valid/ipv6-correct-abnf-2-colons')))).toBe(true);
  });
});
