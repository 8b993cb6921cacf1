import { unwrap } from '@parley/prelude';
import { field } from '@parley/sip';
import type { DigestCredentials } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { algorithmOf, credentials, digestHa1, digestResponse } from '../../src/index.ts';
import { nodeHash } from './node-hash.ts';

interface Example {
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly challenge: string;
  readonly authorization: string;
}

const nonce7616 = 'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"';
const opaque7616 = 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
const cnonce7616 = 'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"';

const examples: readonly Example[] = [
  {
    name: 'RFC 2617 §3.5',
    username: 'Mufasa',
    password: 'Circle Of Life',
    challenge:
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    authorization:
      'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
  },
  {
    name: 'RFC 7616 §3.9.1, MD5',
    username: 'Mufasa',
    password: 'Circle of Life',
    challenge: `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, ${nonce7616}, ${opaque7616}`,
    authorization: `Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=MD5, ${nonce7616}, nc=00000001, ${cnonce7616}, qop=auth, response="8ca523f5e9506fed4657c9700eebdbec", ${opaque7616}`,
  },
  {
    name: 'RFC 7616 §3.9.1, SHA-256',
    username: 'Mufasa',
    password: 'Circle of Life',
    challenge: `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, ${nonce7616}, ${opaque7616}`,
    authorization: `Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256, ${nonce7616}, nc=00000001, ${cnonce7616}, qop=auth, response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", ${opaque7616}`,
  },
];

function credentialsOf(text: string): DigestCredentials {
  const parsed = unwrap(field.authorization.parse(text));
  if (parsed.kind !== 'digest') throw new Error('not digest');
  return parsed;
}

describe('examples of the RFCs', () => {
  it.each(examples)(
    '$name: the client computes the credentials',
    ({ username, password, challenge, authorization }) => {
      const asked = unwrap(field.wwwAuthenticate.parse(challenge));
      const wanted = credentialsOf(authorization);
      if (asked.kind !== 'digest' || wanted.nc === undefined || wanted.cnonce === undefined)
        throw new Error('not digest');
      const algorithm = algorithmOf(asked.algorithm, nodeHash);
      if (algorithm === undefined) throw new Error('unknown algorithm');
      const input = { method: 'GET', requestUri: wanted.uri, nc: wanted.nc, cnonce: wanted.cnonce };
      expect(credentials(asked, { username, password }, algorithm, input)).toEqual(wanted);
    },
  );

  it.each(examples)('$name: the server computes the same response', ({ username, password, authorization }) => {
    const sent = credentialsOf(authorization);
    const algorithm = algorithmOf(sent.algorithm, nodeHash);
    if (algorithm === undefined) throw new Error('unknown algorithm');
    const ha1 = digestHa1(username, sent.realm, password, algorithm.hash);
    expect(digestResponse(ha1, algorithm, { ...sent, method: 'GET' })).toBe(sent.response);
  });

  /*
   * RFC 7616 §3.9.2 prints a response that was not made with SHA-512/256, as an erratum to it says; the username and the
   * inputs are checked against the value of that erratum.
   */
  it('RFC 7616 §3.9.2: SHA-512-256 with a username beyond ASCII', () => {
    const algorithm = algorithmOf('SHA-512-256', nodeHash);
    if (algorithm === undefined) throw new Error('unknown algorithm');
    const ha1 = digestHa1('J\u00e4s\u00f8n Doe', 'api@example.org', 'Secret, or not?', algorithm.hash);
    const input = {
      method: 'GET',
      uri: '/doe.json',
      nonce: '5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK',
      nc: '00000001',
      cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
      qop: 'auth',
    };
    expect(digestResponse(ha1, algorithm, input)).toBe(
      '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5',
    );
  });

  it('without qop, as RFC 2069 had it (RFC 2617 §3.2.2.1)', () => {
    const md5 = algorithmOf(undefined, nodeHash);
    if (md5 === undefined) throw new Error('unknown algorithm');
    const h = nodeHash.md5;
    const ha1 = h('bob:atlanta.example.com:zanzibar');
    const input = { method: 'REGISTER', uri: 'sips:ss2.biloxi.example.com', nonce: 'ea9c8e88df84f1cec4341ae6cbe5a359' };
    expect(digestResponse(ha1, md5, input)).toBe(h(`${ha1}:${input.nonce}:${h(`REGISTER:${input.uri}`)}`));
  });

  it('reads the challenge of RFC 3665 §2.1 with its empty opaque and FALSE in capitals', () => {
    const text =
      'Digest realm="atlanta.example.com", qop="auth", nonce="ea9c8e88df84f1cec4341ae6cbe5a359", opaque="", stale=FALSE, algorithm=MD5';
    expect(unwrap(field.wwwAuthenticate.parse(text))).toMatchObject({ opaque: '', stale: false, algorithm: 'MD5' });
  });

  it('-sess makes HA1 anew from nonce and cnonce (RFC 7616 §3.4.2)', () => {
    const session = algorithmOf('sha-256-sess', nodeHash);
    const plain = algorithmOf('SHA-256', nodeHash);
    if (session === undefined || plain === undefined) throw new Error('unknown algorithm');
    const input = { method: 'MESSAGE', uri: 'sip:b', nonce: 'n', nc: '00000001', cnonce: 'c', qop: 'auth' };
    expect(digestResponse('h', session, input)).toBe(digestResponse(nodeHash.sha256('h:n:c'), plain, input));
  });
});
