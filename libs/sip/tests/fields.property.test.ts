import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '@parley/prelude';
import type { HeaderDefinition, SipRequest } from '../src/index.ts';
import { createRequest, field, parseSipMessage, read, readAll, serialise, withAppended } from '../src/index.ts';
import {
  compact,
  digits,
  hex,
  host,
  ip,
  lowerToken,
  nameAddr,
  parameters,
  port,
  text,
  token,
  uri,
} from './arbitraries.ts';

const option = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const seconds = fc.nat(4_294_967_295);
const q = option(fc.nat(1000).map((thousandths) => thousandths / 1000));
const others = parameters().map((map) => new Map([...map].map(([name, value]) => [name, value ?? 'x'])));
const method = fc.constantFrom('MESSAGE', 'INVITE', 'x-Ext');
const record = <T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(members).map((value) => compact(value as object) as T);

const party = fc.tuple(nameAddr('tag'), option(token)).map(([address, tag]) => compact({ ...address, tag }));
const contact = fc.oneof(
  fc.constant('*' as const),
  fc
    .tuple(
      nameAddr('q', 'expires', '+sip.instance', 'reg-id', 'pub-gruu', 'temp-gruu'),
      record({
        q,
        expires: option(seconds),
        instance: option(fc.uuid().map((id) => `urn:uuid:${id}`)),
        regId: option(fc.integer({ min: 1, max: 2 ** 31 - 1 })),
        pubGruu: option(text),
        tempGruu: option(text),
      }),
    )
    .map(([address, more]) => ({ ...address, ...more })),
);
const via = record({
  protocol: fc.constant('SIP'),
  version: fc.constant('2.0'),
  transport: token,
  host,
  port: option(port),
  branch: option(token),
  received: option(ip),
  rport: option(fc.oneof(port, fc.constant(true as const))),
  ttl: option(fc.nat(255)),
  maddr: option(host),
  parameters: parameters(['branch', 'received', 'rport', 'ttl', 'maddr']),
});
const challenge = fc.oneof(
  record({
    kind: fc.constant('digest' as const),
    realm: text,
    nonce: text,
    domain: option(text),
    opaque: option(text),
    stale: option(fc.boolean()),
    algorithm: option(token),
    qop: option(fc.array(token, { minLength: 1, maxLength: 3 })),
    parameters: fc.constant(new Map<string, string>()),
  }),
  record({ kind: fc.constant('other' as const), scheme: fc.constant('Bearer'), text: token }),
);
const credentials = record({
  kind: fc.constant('digest' as const),
  username: text,
  realm: text,
  nonce: text,
  uri: token,
  response: hex,
  algorithm: option(token),
  cnonce: option(text),
  opaque: option(text),
  qop: option(token),
  nc: option(fc.nat(0xff_ff_ff).map((count) => count.toString(16).padStart(8, '0'))),
  parameters: fc.constant(new Map<string, string>()),
});
const preference = (range: fc.Arbitrary<string>): fc.Arbitrary<object> =>
  record({ range, q, parameters: parameters(['q']) });
const mediaType = fc.tuple(lowerToken, lowerToken).map(([type, subtype]) => `${type}/${subtype}`);
const tags = { toTag: token, fromTag: token, parameters: parameters(['to-tag', 'from-tag', 'early-only']) };
const callId = fc.tuple(token, option(host)).map(([left, right]) => (right === undefined ? left : `${left}@${right}`));

/** A value for every definition; a definition without one fails the test below. */
const values: Record<keyof typeof field, fc.Arbitrary<unknown>> = {
  from: party,
  to: party,
  replyTo: nameAddr(),
  referTo: nameAddr(),
  referredBy: nameAddr(),
  pAssertedIdentity: nameAddr(),
  pPreferredIdentity: nameAddr(),
  pAssociatedUri: nameAddr(),
  pRefusedUriList: nameAddr(),
  permissionMissing: nameAddr(),
  historyInfo: nameAddr(),
  route: nameAddr(),
  recordRoute: nameAddr(),
  path: nameAddr(),
  serviceRoute: nameAddr(),
  contact,
  via,
  maxForwards: fc.nat(255),
  expires: seconds,
  minExpires: seconds,
  contentLength: digits,
  maxBreadth: digits,
  flowTimer: digits,
  rSeq: digits,
  maxSize: digits,
  callId,
  inReplyTo: callId,
  cSeq: record({ sequence: digits, method }),
  rAck: record({ response: digits, sequence: digits, method }),
  allow: token,
  allowEvents: token,
  supported: token,
  require: token,
  proxyRequire: token,
  unsupported: token,
  contentEncoding: token,
  contentLanguage: token,
  requestDisposition: token,
  sipEtag: token,
  sipIfMatch: token,
  suppressIfMatch: token,
  priority: token,
  privacy: fc.array(token, { minLength: 1, maxLength: 3 }),
  mimeVersion: fc.constant('1.0'),
  subject: text,
  organization: text,
  userAgent: text,
  server: text,
  contentType: record({ mediaType, parameters: parameters() }),
  contentDisposition: record({ type: lowerToken, parameters: parameters() }),
  accept: preference(mediaType),
  acceptEncoding: preference(lowerToken),
  acceptLanguage: preference(lowerToken),
  event: record({ package: token, id: option(token), parameters: parameters(['id']) }),
  subscriptionState: record({
    state: lowerToken,
    reason: option(token),
    expires: option(digits),
    retryAfter: option(digits),
    parameters: parameters(['reason', 'expires', 'retry-after']),
  }),
  warning: record({ code: fc.integer({ min: 300, max: 399 }), agent: host, text }),
  retryAfter: record({
    seconds,
    comment: option(text),
    duration: option(digits),
    parameters: parameters(['duration']),
  }),
  timestamp: record({ sent: digits.map(String), delay: option(digits.map((tenths) => (tenths / 10).toFixed(1))) }),
  date: fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }).map((time) => time * 1000),
  replaces: record({ callId, ...tags, earlyOnly: fc.boolean() }),
  join: record({ callId, ...tags }),
  targetDialog: record({
    callId,
    localTag: token,
    remoteTag: token,
    parameters: parameters(['local-tag', 'remote-tag']),
  }),
  reason: record({
    protocol: token,
    cause: option(digits),
    text: option(text),
    parameters: parameters(['cause', 'text']),
  }),
  sessionExpires: record({
    seconds,
    refresher: option(fc.constantFrom('uac', 'uas')),
    parameters: parameters(['refresher']),
  }),
  minSe: record({ seconds, parameters: parameters() }),
  acceptContact: record({ parameters: parameters() }),
  rejectContact: record({ parameters: parameters() }),
  alertInfo: record({ uri, parameters: parameters() }),
  callInfo: record({ uri, parameters: parameters() }),
  errorInfo: record({ uri, parameters: parameters() }),
  infoPackage: record({ package: token, parameters: parameters() }),
  recvInfo: record({ package: token, parameters: parameters() }),
  referSub: fc.boolean(),
  replacesMessage: record({
    by: fc.constantFrom('message-id', 'call-id'),
    reference: token,
    action: fc.constantFrom('replace', 'recall'),
    cSeq: option(digits),
    parameters: parameters(['action', 'cseq']),
  }),
  wwwAuthenticate: challenge,
  proxyAuthenticate: challenge,
  authorization: credentials,
  proxyAuthorization: credentials,
  authenticationInfo: record({
    nextnonce: option(text),
    rspauth: option(hex),
    qop: option(token),
    cnonce: option(text),
    parameters: others.map(
      (map) => new Map([...map].filter(([name]) => !['nextnonce', 'rspauth', 'qop', 'cnonce', 'nc'].includes(name))),
    ),
  }),
};

const definitions = Object.entries(field) as unknown as [keyof typeof field, HeaderDefinition<unknown>][];
const bare = createRequest({ method: 'MESSAGE', requestUri: 'sip:a@b', fields: [] });

describe.each(definitions)('header field %s', (key, definition) => {
  it('gives back what it wrote', () => {
    fc.assert(
      fc.property(values[key], (value) => {
        fc.pre(key !== 'authenticationInfo' || definition.serialise(value) !== '');
        expect(unwrap(definition.parse(definition.serialise(value)))).toEqual(value);
      }),
      { numRuns: 60 },
    );
  });

  it('comes through a message, alone and among others', () => {
    fc.assert(
      fc.property(fc.array(values[key], { minLength: 1, maxLength: 3 }), (several) => {
        fc.pre(several.every((value) => definition.serialise(value) !== ''));
        const request = several.reduce<SipRequest>((message, value) => withAppended(message, definition, value), bare);
        const parsed = unwrap(parseSipMessage(serialise(request)));
        if (key !== 'contentLength') {
          expect(unwrap(readAll(parsed, definition))).toEqual(several);
          expect(unwrap(read(parsed, definition))).toEqual(several[0]);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('takes any text without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 40 }), (anything) => {
        expect(typeof definition.parse(anything).ok).toBe('boolean');
      }),
      { numRuns: 60 },
    );
  });

  it('takes any mutation of a good value without throwing', () => {
    fc.assert(
      fc.property(
        values[key],
        fc.nat(),
        fc.constantFrom(...Array.from(',;<>"\\=:@ ()%\r\n')),
        (value, at, character) => {
          const good = definition.serialise(value);
          const cut = good.length === 0 ? 0 : at % good.length;
          expect(typeof definition.parse(good.slice(0, cut) + character + good.slice(cut + 1)).ok).toBe('boolean');
        },
      ),
      { numRuns: 60 },
    );
  });
});
