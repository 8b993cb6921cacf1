import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { ask, requestText } from './support/wire.ts';
import type { RequestText } from './support/wire.ts';

/** What is wrong, what it is answered with, and what the answer must hold besides. */
interface Case {
  readonly what: string;
  readonly request: RequestText;
  readonly status: number;
  readonly holds?: RegExp;
}

const maxSize = 2000;
const room = 'sip:kitchen@chat.localhost';
const contact = { Contact: '<sip:alice@127.0.0.1:9>' };
const strange = /^Unsupported: time-travel\r$/m;

const cases: readonly Case[] = [
  { what: 'no Call-ID (§8.1.1)', request: { lines: { 'Call-ID': '' } }, status: 400, holds: /^SIP\/2.0 400 .*Call-ID/ },
  { what: 'no From (§8.1.1)', request: { lines: { From: '' } }, status: 400, holds: /^SIP\/2.0 400 .*From/ },
  { what: 'a CSeq of another method (§8.1.1.5)', request: { lines: { CSeq: '1 INVITE' } }, status: 400 },
  { what: 'a CSeq that is no number (§8.1.1.5)', request: { lines: { CSeq: 'one MESSAGE' } }, status: 400 },
  { what: 'a Content-Length that is none (§20.14)', request: { lines: { 'Content-Length': 'x' } }, status: 400 },
  { what: 'a broken Request-URI (§16.3)', request: { uri: 'sip:bob@localhost:port' }, status: 400 },
  { what: 'a sender of nowhere', request: { lines: { From: '<sip:eve@elsewhere.test>;tag=e' } }, status: 403 },
  { what: 'a MESSAGE to a room', request: { uri: room, body: 'hi' }, status: 403, holds: /^Warning: /m },
  { what: 'an unknown recipient (§21.4.5)', request: { uri: 'sip:nobody@localhost' }, status: 404 },
  {
    what: 'a method for users only (§8.2.1)',
    request: { uri: 'sip:localhost' },
    status: 405,
    holds: /^Allow: .*OPTIONS/m,
  },
  { what: 'a large body (§21.4.11)', request: { body: 'x'.repeat(2001) }, status: 413, holds: /^Max-Size: 2000\r$/m },
  {
    what: 'an offer to a room that is no SDP (§21.4.13)',
    request: { method: 'INVITE', uri: room, body: 'hello', lines: contact },
    status: 415,
    holds: /^Accept: .*application\/sdp/m,
  },
  { what: 'an unknown URI scheme (§8.2.2.1)', request: { uri: 'http://localhost/' }, status: 416 },
  {
    what: 'an extension for proxies (§16.3)',
    request: { lines: { 'Proxy-Require': 'time-travel' } },
    status: 420,
    holds: strange,
  },
  {
    what: 'an extension for the server (§8.2.2.3)',
    request: { method: 'OPTIONS', uri: 'sip:localhost', lines: { Require: 'time-travel' } },
    status: 420,
    holds: strange,
  },
  {
    what: 'a registration that is too short (§10.3)',
    request: {
      method: 'REGISTER',
      uri: 'sip:localhost',
      lines: { ...contact, To: '<sip:alice@localhost>', Expires: '5' },
    },
    status: 423,
    holds: /^Min-Expires: 60\r$/m,
  },
  {
    what: 'a dialog that nobody knows (§12.2.2)',
    request: { method: 'BYE', uri: room, lines: { To: `<${room}>;tag=gone` } },
    status: 481,
  },
  { what: 'a CANCEL of nothing (§9.2)', request: { method: 'CANCEL' }, status: 481 },
  { what: 'no hops left (§16.3)', request: { lines: { 'Max-Forwards': '0' } }, status: 483 },
  {
    what: 'events that a room does not have (RFC 6665 §8.3.2)',
    request: { method: 'SUBSCRIBE', uri: room, lines: { ...contact, Event: 'weather' } },
    status: 489,
    holds: /^Allow-Events: .*conference/m,
  },
  { what: 'an unknown method (§8.2.1)', request: { method: 'TELEPORT', uri: 'sip:localhost' }, status: 501 },
  { what: 'another version of SIP (§21.5.6)', request: { version: 'SIP/3.0' }, status: 505 },
];

describe('A request that is wrong (RFC 3261)', () => {
  let parley: Installation;

  beforeAll(async () => {
    parley = await startParley({ PARLEY_AUTH: 'none', PARLEY_MAX_SIZE: String(maxSize) });
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  it.each(cases)('by $what gets $status', async ({ request, status, holds }) => {
    const answer = await ask(parley.ports.sip, request);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(holds ?? /^SIP\/2\.0 /);
  });

  it('by a line without a colon gets 400, and the next one its answer (§7.3.1)', async () => {
    const broken = requestText({}).replace('Max-Forwards: 70', 'Max-Forwards 70');
    expect(await ask(parley.ports.sip, broken)).toMatchObject({ status: 400 });
    expect(await ask(parley.ports.sip, { method: 'OPTIONS', uri: 'sip:localhost' })).toMatchObject({ status: 200 });
  });
});
