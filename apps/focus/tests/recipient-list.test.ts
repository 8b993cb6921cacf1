import { createMemoryBroker } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { createResponseTo, field, read, readAll, readRaw, readRawAll } from '@parley/sip';
import type { SipRequest, SipResponse } from '@parley/sip';
import { eventually, testContext } from '@parley/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { startFocus } from '../src/service.ts';
import { offer, request } from './messages.ts';
import type { RequestShape } from './messages.ts';
import { command, sip, startAccounts, startEdge, startSwitch, takesAll } from './peers.ts';

const factory = 'sip:factory@chat.localhost';
const required = ['Require: recipient-list-invite'];

/** The list of Figure 3 (RFC 5366 §6), for users of this server. */
function listOf(entries: readonly string[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists" xmlns:cp="urn:ietf:params:xml:ns:copycontrol"><list>',
    ...entries.map((entry) => `<entry ${entry} />`),
    '</list></resource-lists>',
  ].join('\n');
}

function parts(list: string, disposition = 'recipient-list', sdp = offer()): string {
  return [
    '--boundary1',
    'Content-Type: application/sdp',
    '',
    sdp,
    '--boundary1',
    'Content-Type: application/resource-lists+xml',
    `Content-Disposition: ${disposition}`,
    '',
    list,
    '--boundary1--',
    '',
  ].join('\r\n');
}

const multipart = 'multipart/mixed;boundary="boundary1"';

describe('An INVITE with a list of those who are to be invited (RFC 5366)', () => {
  const broker = createMemoryBroker({ clock: systemClock });
  const bus = broker.connect();
  const service = startFocus(testContext('focus', { environment: { PARLEY_LEASE_MS: '60000' } }), broker.connect());
  startSwitch(bus, 'm1');
  const edge = startEdge(bus, 'e1', (asked: SipRequest): SipResponse => {
    const isLegacy = asked.requestUri.includes('legacy') && readRaw(asked, 'Content-Type')?.startsWith('multipart');
    return isLegacy === true && asked.method === 'INVITE' ? createResponseTo(asked, 415) : takesAll(asked);
  });
  let calls = 0;

  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await bus.drain();
  });

  function invite(room: string, more: RequestShape = {}): Promise<SipResponse> {
    const callId = `list-${++calls}`;
    const shape = { room, callId, contentType: multipart, fields: required, ...more };
    return sip(bus, room, request(shape), { identity: `sip:${more.user ?? 'alice'}@localhost`, commandId: callId });
  }
  function roomOf(response: SipResponse): string {
    return /sip:room-[0-9a-f]{20}@chat\.localhost/.exec(readRaw(response, 'Contact') ?? '')?.[0] ?? '';
  }
  function sentBy(room: string, method: string): readonly SipRequest[] {
    return edge.sent
      .map((one) => one.request)
      .filter((one) => one.method === method && (readRaw(one, 'From') ?? '').includes(room));
  }
  async function participantsOf(room: string): Promise<readonly string[]> {
    const shown = await command(bus, room, { kind: 'show', value: { identity: '' } });
    return shown?.kind === 'room' ? shown.value.participants.map(({ uri }) => uri).sort() : [];
  }

  it('makes a room, and the focus invites everybody on the list, each with who else is (§5, §6)', async () => {
    const accounts = startAccounts(bus, 'guest', ['desk']);
    const list = listOf([
      'uri="sip:bill@localhost" cp:copyControl="to"',
      'uri="sip:randy@localhost" cp:copyControl="to" cp:anonymize="true"',
      'uri="sip:BILL@localhost;transport=tcp" cp:copyControl="cc"',
      'uri="sip:bill@LOCALHOST" cp:copyControl="cc"',
      'uri="sip:joe@localhost" cp:copyControl="cc"',
      'uri="sip:ted@localhost" cp:copyControl="bcc"',
      'uri="sip:alice@localhost" cp:copyControl="bcc"',
    ]);
    const made = await invite(factory, { body: parts(list) });
    expect([made.statusCode, readRaw(made, 'Content-Type')]).toEqual([200, 'application/sdp']);
    const room = roomOf(made);
    const called = ['BILL', 'bill', 'joe', 'randy', 'ted'].map((name) => `sip:${name}@localhost`);
    await eventually(async () => {
      expect(await participantsOf(room)).toEqual(['sip:alice@localhost', ...called].sort());
    });
    const invites = sentBy(room, 'INVITE');
    expect(invites.map((one) => readRaw(one, 'To')).sort()).toEqual(called.map((uri) => `<${uri}>`).sort());
    const bodies = new Set(
      invites.map(({ body }) => /<resource-lists[^]*<\/resource-lists>/.exec(new TextDecoder().decode(body))?.[0]),
    );
    expect(bodies.size).toBe(1);
    const [history = ''] = bodies;
    expect(history.match(/uri="[^"]+"/g)).toEqual([
      'uri="sip:bill@localhost"',
      'uri="sip:anonymous@anonymous.invalid"',
      'uri="sip:BILL@localhost"',
      'uri="sip:joe@localhost"',
    ]);
    expect(new TextDecoder().decode(invites[0]!.body)).toContain(
      'Content-Disposition: recipient-list-history; handling=optional',
    );
    expect(readRaw(invites[0]!, 'Referred-By')).toBe('<sip:alice@localhost>');
    await accounts.stop();
  });

  it('tells nobody of the others where the room hides its members', async () => {
    const accounts = startAccounts(bus, 'guest', ['phone']);
    const room = 'sip:masks@chat.localhost';
    const policy = { members: [], membersPresent: false, hideMembers: true };
    expect(await command(bus, room, { kind: 'create', value: { policy } })).toMatchObject({ kind: 'room' });
    const list = listOf(['bill', 'joe'].map((name) => `uri="sip:${name}@localhost" cp:copyControl="to"`));
    expect((await invite(room, { body: parts(list) })).statusCode).toBe(200);
    await eventually(() => {
      expect(sentBy(room, 'INVITE').map((one) => readRaw(one, 'Content-Type'))).toEqual(
        Array.from({ length: 2 }, () => 'application/sdp'),
      );
    });
    await accounts.stop();
  });

  it('calls a device again without the list that takes no multipart body (RFC 5364 §7, RFC 3261 §8.1.3.5)', async () => {
    const accounts = startAccounts(bus, 'guest', ['legacy']);
    const room = 'sip:plain@chat.localhost';
    const list = listOf(['uri="sip:bill@localhost" cp:copyControl="to"']);
    expect((await invite(room, { body: parts(list) })).statusCode).toBe(200);
    await eventually(async () => {
      expect(await participantsOf(room)).toContain('sip:bill@localhost');
    });
    const seen = sentBy(room, 'INVITE').map((one) => [readRaw(one, 'CSeq'), readRaw(one, 'Content-Type')]);
    expect(seen).toEqual([
      ['1 INVITE', expect.stringContaining('multipart/mixed')],
      ['2 INVITE', 'application/sdp'],
    ]);
    expect(sentBy(room, 'ACK').map((one) => readRaw(one, 'CSeq'))).toEqual(['2 ACK']);
    await accounts.stop();
  });

  it('may come without an offer, and names blind recipients to nobody (RFC 5364 §4)', async () => {
    const accounts = startAccounts(bus, 'guest', ['desk']);
    const type = 'application/resource-lists+xml';
    const fields = [...required, 'Content-Disposition: recipient-list'];
    const made = await invite(factory, { contentType: type, fields, body: listOf(['uri="sip:ted@localhost"']) });
    expect(made.statusCode).toBe(200);
    await eventually(() => {
      expect(sentBy(roomOf(made), 'INVITE').map((one) => readRaw(one, 'Content-Type'))).toEqual(['application/sdp']);
    });
    await accounts.stop();
  });

  it('lets those be who cannot be called: other domains, those whom the room bars, more than have a seat', async () => {
    const accounts = startAccounts(bus, 'guest', ['desk']);
    const room = 'sip:barred@chat.localhost';
    const policy = { members: [], membersPresent: false, banned: { items: ['sip:eve@localhost'] } };
    await command(bus, room, { kind: 'create', value: { policy } });
    const list = listOf(['uri="sip:x@elsewhere.example"', 'uri="sip:eve@localhost"', 'uri="sip:bob@localhost"']);
    expect((await invite(room, { body: parts(list) })).statusCode).toBe(200);
    await eventually(async () => {
      expect(await participantsOf(room)).toEqual(['sip:alice@localhost', 'sip:bob@localhost']);
    });
    expect(sentBy(room, 'INVITE')).toHaveLength(1);
    await accounts.stop();
  });

  it('lets those be who are in the room already', async () => {
    const accounts = startAccounts(bus, 'guest', ['desk']);
    const room = 'sip:known@chat.localhost';
    const { statusCode } = await sip(bus, room, request({ room, user: 'bob', body: offer() }), {
      identity: 'sip:bob@localhost',
    });
    expect(statusCode).toBe(200);
    const list = listOf(['uri="sip:bob@localhost"', 'uri="sip:joe@localhost"']);
    expect((await invite(room, { body: parts(list) })).statusCode).toBe(200);
    await eventually(async () => {
      expect(await participantsOf(room)).toContain('sip:joe@localhost');
    });
    expect(sentBy(room, 'INVITE').map((one) => readRaw(one, 'To'))).toEqual(['<sip:joe@localhost>']);
    await accounts.stop();
  });

  it('is refused with 503 and Retry-After when its sender has had 128 called in a minute, and others are not', async () => {
    const accounts = startAccounts(bus, 'guest', []);
    const body = parts(listOf(Array.from({ length: 64 }, (_, at) => `uri="sip:u${at}@localhost"`)));
    for (const status of [200, 200, 503]) {
      expect((await invite(factory, { user: 'mallory', body })).statusCode).toBe(status);
    }
    const refused = await invite(factory, { user: 'mallory', body: parts(listOf(['uri="sip:b@localhost"'])) });
    expect(refused.statusCode).toBe(503);
    expect(readRaw(refused, 'Retry-After')).toMatch(/^[1-6]?\d$/);
    expect((await invite(factory, { user: 'walter', body })).statusCode).toBe(200);
    await accounts.stop();
  });

  it('counts with what its sender causes at other focuses: that which holds the shard of his address keeps the count', async () => {
    const accounts = startAccounts(bus, 'guest', []);
    const elsewhere = { kind: 'countCalls', value: { calls: 128 } } as const;
    expect(await command(bus, 'sip:trent@localhost', elsewhere)).toMatchObject({ kind: 'done' });
    const body = parts(listOf(['uri="sip:b@localhost"']));
    expect((await invite(factory, { user: 'trent', body })).statusCode).toBe(503);
    expect((await invite(factory, { user: 'victor', body })).statusCode).toBe(200);
    await accounts.stop();
  });

  it.each([
    ['what is no list', parts('<no', 'recipient-list'), 400],
    ['an entry that names nobody', parts(listOf(['uri="tel:+1"'])), 400],
    ['an empty list', parts(listOf([])), 400],
    ['a part that has to be understood', parts(listOf(['uri="sip:b@localhost"']), 'render'), 415],
    ['a body that is cut off', parts(listOf(['uri="sip:b@localhost"'])).replace('--boundary1--', ''), 400],
    ['no list at all', parts('x', 'render;handling=optional'), 400],
    ['too many', parts(listOf(Array.from({ length: 65 }, (_, at) => `uri="sip:u${at}@localhost"`))), 403],
  ])('is refused for %s, and nobody is called', async (_, body, status) => {
    const before = edge.sent.length;
    expect((await invite(factory, { body })).statusCode).toBe(status);
    expect(edge.sent).toHaveLength(before);
  });

  it('has no meaning in a re-INVITE: 420 (§5.1)', async () => {
    const room = 'sip:again@chat.localhost';
    const joined = await sip(bus, room, request({ room, body: offer() }), { identity: 'sip:alice@localhost' });
    const toTag = unwrap(read(joined, field.to))?.tag ?? '';
    const body = parts(listOf(['uri="sip:b@localhost"']));
    const again = request({ room, toTag, cSeq: 2, contentType: multipart, fields: required, body });
    const refused = await sip(bus, room, again);
    expect([refused.statusCode, readRaw(refused, 'Unsupported')]).toEqual([420, 'recipient-list-invite']);
  });

  it('is announced in the answer to OPTIONS (§5)', async () => {
    const shown = await sip(bus, factory, request({ room: factory, method: 'OPTIONS' }), {
      identity: 'sip:alice@localhost',
    });
    expect(unwrap(readAll(shown, field.supported))).toContain('recipient-list-invite');
    expect(readRawAll(shown, 'Accept').join()).toContain('application/resource-lists+xml');
  });
});
