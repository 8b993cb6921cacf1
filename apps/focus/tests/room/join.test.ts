import { unwrap } from '@parley/prelude';
import { parseMsrpMedia, parseSdp } from '@parley/sdp';
import { field, read, readAll, readRaw, readRawAll } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { completeJoin, planJoin, repeatedJoin } from '../../src/room/join.ts';
import { invite, offer } from '../messages.ts';
import { invitation, join, lobby, openedFor, participant, plan, responseOf, roomWith, surroundings } from '../scene.ts';

const audio = 'm=audio 49170 RTP/AVP 0\na=rtpmap:0 PCMU/8000';

describe('INVITE to a chat room (draft-ietf-simple-chat-03 §5.2, RFC 7701 §5.2)', () => {
  it('is answered 200 with `isfocus` and feature tags in Contact (RFC 4579 §5.1, Figure 7)', () => {
    const { response } = join(undefined);
    expect(response.statusCode).toBe(200);
    const contact = unwrap(read(response, field.contact));
    if (contact === undefined || contact === '*') throw new Error('expected an address');
    expect(contact.uri).toMatchObject({ user: 'lobby', host: 'chat.localhost' });
    expect([...contact.parameters.keys()]).toEqual(['methods', 'automata', 'isfocus', 'message', 'events']);
    expect(contact.parameters.get('events')).toBe('"conference"');
    expect(contact.parameters.get('methods')).toContain('INVITE');
  });

  it('MUST copy Record-Route and put a tag of at least 128 bits into To (RFC 3261 §12.1.1, §19.3)', () => {
    const { response } = join(undefined);
    expect(readRawAll(response, 'Record-Route')).toEqual(['<sip:token@127.0.0.1:5060;transport=tcp;lr>']);
    expect(unwrap(read(response, field.to))?.tag).toMatch(/^[0-9a-v]{26}$/);
  });

  it('SHOULD say in the 2xx what the focus can do (RFC 3261 §13.3.1.4)', () => {
    const { response } = join(undefined);
    expect(unwrap(readAll(response, field.allow))).toContain('BYE');
    expect(readRaw(response, 'Supported')).toBe('timer, norefersub');
    expect(readRaw(response, 'Allow-Events')).toBe('conference');
    expect(readRaw(response, 'Content-Type')).toBe('application/sdp');
  });

  it('MUST answer with message/cpim in accept-types, and any type inside it (RFC 7701 §5.2)', () => {
    const text = new TextDecoder().decode(join(undefined).response.body);
    expect(text).toContain('m=message 2855 TCP/MSRP *\r\n');
    expect(text).toContain('a=accept-types:message/cpim\r\n');
    expect(text).toContain('a=accept-wrapped-types:*\r\n');
    expect(text).toContain('a=max-size:10000\r\n');
    expect(text).toContain('c=IN IP4 127.0.0.1\r\n');
    expect(text).toMatch(/a=path:msrp:\/\/127\.0\.0\.1:2855\/s-[0-9a-v]+;tcp\r\n/);
  });

  it('MUST learn what the participant supports, to tell the switch (§5.2)', () => {
    const planned = unwrap(plan(undefined));
    expect(planned.offer?.streams[0]?.msrp.chatroom).toEqual(['nickname', 'private-messages']);
    expect(planned.appearance.uris).toEqual(['sip:alice@localhost', 'im:alice@localhost']);
  });

  it('keeps the order of the streams and refuses the others with port 0 (RFC 3264 §6)', () => {
    const body = offer().replace('m=message', `${audio.replaceAll('\n', '\r\n')}\r\nm=message`);
    const { response } = join(undefined, { body });
    const answer = unwrap(parseSdp(response.body));
    expect(answer.media.map(({ media, port }) => [media, port])).toEqual([
      ['audio', 0],
      ['message', 2855],
    ]);
  });

  it('is refused with 488 and a Warning when no stream is of use (RFC 3261 §13.3.1.3, §20.43)', () => {
    const refused = plan(undefined, {
      body: offer().replace(/m=message[^]*/, `${audio.replaceAll('\n', '\r\n')}\r\n`),
    });
    expect(refused).toMatchObject({
      ok: false,
      error: { status: 488, fields: [['Warning', expect.stringMatching(/^304 parley "/)]] },
    });
    const wrong = plan(undefined, { body: offer().replace('message/cpim text/plain text/html', 'text/plain') });
    expect(wrong).toMatchObject({
      ok: false,
      error: { status: 488, fields: [['Warning', expect.stringMatching(/^305 /)]] },
    });
    const removed = plan(undefined, { body: offer().replace('m=message 7654', 'm=message 0') });
    expect(removed).toMatchObject({ ok: false, error: { status: 488 } });
  });

  it('is refused with 415 and Accept for another body, 400 for one that cannot be read (RFC 3261 §8.2.3)', () => {
    expect(plan(undefined, { contentType: 'text/plain' })).toMatchObject({
      ok: false,
      error: { status: 415, fields: expect.arrayContaining([['Accept', 'application/sdp']]) as unknown },
    });
    expect(plan(undefined, { body: 'v=1' })).toMatchObject({ ok: false, error: { status: 400 } });
    expect(plan(undefined, { fields: ['Content-Encoding: gzip'] })).toMatchObject({
      ok: false,
      error: { status: 415 },
    });
  });

  it('without an offer MUST be answered with one, whose answer is in the ACK (RFC 3261 §13.2.1)', () => {
    const { room, response, id } = join(undefined, { body: '' });
    const ours = unwrap(parseSdp(response.body));
    expect(unwrap(parseMsrpMedia(ours, ours.media[0]!))).toMatchObject({ setup: 'actpass', proto: 'TCP/MSRP' });
    expect(participant({ room }, id).media).toMatchObject({ isOffering: true, streams: [{ index: 0 }] });
  });

  it('may hold several streams of messages, each a session of its own (REQ-2)', () => {
    const second = 'm=message 7655 TCP/MSRP *\na=accept-types:message/cpim\na=path:msrp://127.0.0.1:7655/second;tcp';
    const { room, response, id } = join(undefined, { body: offer({ lines: `${audio}\n${second}` }) });
    const answer = unwrap(parseSdp(response.body));
    expect(answer.media.map(({ media, port }) => [media, port])).toEqual([
      ['message', 2855],
      ['audio', 0],
      ['message', 2855],
    ]);
    const paths = [0, 2].map((index) => unwrap(parseMsrpMedia(answer, answer.media[index]!)).path);
    expect(paths).toEqual([[`msrp://127.0.0.1:2855/s-${id};tcp`], [`msrp://127.0.0.1:2855/s-${id}-2;tcp`]]);
    expect(participant({ room }, id).media.streams.map(({ session }) => session)).toEqual([`s-${id}`, `s-${id}-2`]);
  });

  it('MUST be refused with 420 and Unsupported when it requires an unknown extension (RFC 3261 §8.2.2.3)', () => {
    expect(plan(undefined, { fields: ['Require: teleport, 100rel'] })).toMatchObject({
      ok: false,
      error: { status: 420, fields: [['Unsupported', 'teleport, 100rel']] },
    });
  });

  it.each(['active', 'actpass'])('MUST answer a=setup:%s with passive (RFC 6135 §4.2.2)', (setup) => {
    const { response } = join(undefined, { body: offer({ lines: `a=setup:${setup}` }) });
    expect(new TextDecoder().decode(response.body)).toContain('a=setup:passive\r\n');
  });

  it('MUST include a=setup in every answer (RFC 6135 §4.2.1)', () => {
    expect(new TextDecoder().decode(join(undefined).response.body)).toContain('a=setup:passive\r\n');
  });

  it('says in a=chatroom what the policy allows, in the words of the dialect (RFC 7701 §8)', () => {
    const tokens = (policy: object, dialect: 'draft-03' | 'rfc7701'): readonly string[] | undefined => {
      const around = surroundings({ dialect });
      const planned = unwrap(plan(roomWith(policy), {}, around));
      const decision = completeJoin(roomWith(policy), lobby, planned, openedFor(planned.wishes), around);
      const answer = unwrap(parseSdp(responseOf(decision).body));
      return unwrap(parseMsrpMedia(answer, answer.media[0]!)).chatroom;
    };
    expect(tokens({}, 'draft-03')).toEqual(['nickname', 'nicknames', 'private-messages']);
    expect(tokens({}, 'rfc7701')).toEqual(['nickname', 'private-messages']);
    expect(tokens({ nicknames: false }, 'rfc7701')).toEqual(['private-messages']);
    expect(tokens({ privateMessages: false, nicknames: false }, 'rfc7701')).toEqual([]);
  });

  it('makes a participant known by an anonymous URI alone (RFC 7701 §5.2)', () => {
    const anonymous = invite().replace('"alice" <sip:alice@localhost>', '"Alice" <sip:tgruu.7hs@chat.localhost;gr>');
    const planned = unwrap(planJoin(undefined, invitation(anonymous), 0, surroundings()));
    expect(planned.appearance).toEqual({
      uri: 'sip:tgruu.7hs@chat.localhost;gr',
      displayName: '',
      uris: ['sip:tgruu.7hs@chat.localhost;gr'],
    });
  });

  it('makes a participant known by the temporary GRUU that its edge found in Contact, too', () => {
    const alias = 'sip:tgruu.7hs@chat.localhost;gr';
    const planned = unwrap(planJoin(undefined, invitation(invite(), { alias }), 0, surroundings()));
    expect(planned.appearance).toEqual({ uri: alias, displayName: '', uris: [alias] });
  });

  it('makes who asks for privacy known by a URI that stands for nobody (RFC 3325 §9.3, RFC 3323 §4.2)', () => {
    const shown = (privacy: string) => unwrap(plan(undefined, { fields: [`Privacy: ${privacy}`] })).appearance;
    expect(shown('id').uri).toMatch(/^sip:anonymous-[0-9a-v]+@anonymous\.invalid$/);
    expect(shown('id').uris).toEqual([shown('id').uri]);
    expect(shown('none').uri).toBe('sip:alice@localhost');
  });

  it.each([
    ['the room ended', undefined, 480],
    ['the room was filled', join(roomWith({ maxParticipants: 1 }), { user: 'bob' }).room, 486],
    ['its sender was banned', roomWith({ banned: ['sip:alice@localhost'] }), 403],
    ['the room got a password', roomWith({ password: 'sesame' }), 403],
  ])('is refused when %s while a switch was asked, and what was opened is closed', (_, meanwhile, status) => {
    const planned = unwrap(plan(roomWith()));
    const decision = completeJoin(meanwhile, lobby, planned, openedFor(planned.wishes), surroundings());
    expect([responseOf(decision).statusCode, decision.room]).toEqual([status, meanwhile]);
    // Its switch was told the policy of before, for all who are there.
    const told = meanwhile === undefined ? [] : [{ kind: 'UpdateHub', policy: meanwhile.policy }];
    expect(decision.effects).toMatchObject([{ kind: 'CloseSession' }, ...told]);
  });

  it('comes again, is answered as before, and makes no second participant', () => {
    const { room, response } = join(undefined);
    const repeated = repeatedJoin(room, invitation(invite(), { commandId: 'join-alice-call' }));
    const { answer } = repeated!;
    if (answer.kind !== 'sip') throw new Error('expected a SIP answer');
    expect(answer.response.body).toEqual(response.body);
    expect(readRaw(answer.response, 'To')).toBe(readRaw(response, 'To'));
    expect(repeatedJoin(room, invitation(invite()))).toBeUndefined();
  });

  it('of a second device makes a second participant with the nickname of its user', () => {
    const first = join(roomWith());
    const named = {
      ...first.room,
      participants: new Map([...first.room.participants].map(([id, one]) => [id, { ...one, nickname: 'Ali' }])),
    };
    const { room } = join(named, { callId: 'second' });
    expect([...room.participants.values()].map(({ uri, nickname }) => [uri, nickname])).toEqual([
      ['sip:alice@localhost', 'Ali'],
      ['sip:alice@localhost', 'Ali'],
    ]);
  });
});

describe('who may come in', () => {
  it('a room is made by joining where anyone may, and is not persistent', () => {
    expect(join(undefined).room).toMatchObject({ creator: 'sip:alice@localhost', policy: { persistent: false } });
  });

  it.each(['factory', 'admin'] as const)('an unknown room is 404 where rooms are made by %s', (roomCreate) => {
    expect(plan(undefined, {}, surroundings({ roomCreate }))).toMatchObject({ ok: false, error: { status: 404 } });
    expect(plan(roomWith(), {}, surroundings({ roomCreate }))).toMatchObject({ ok: true });
  });

  it('a full room is 486 with a Warning, and joins on their way count', () => {
    const full = join(roomWith({ maxParticipants: 1 })).room;
    expect(plan(full, { user: 'bob' })).toMatchObject({
      ok: false,
      error: { status: 486, fields: [['Warning', expect.stringContaining('full')]] },
    });
    const empty = roomWith({ maxParticipants: 1 });
    expect(planJoin(empty, invitation(invite()), 1, surroundings())).toMatchObject({
      ok: false,
      error: { status: 486 },
    });
  });

  it('a room for members alone is 403 for others', () => {
    const members = roomWith({ membersOnly: true, members: ['sip:bob@localhost'] });
    expect(plan(members)).toMatchObject({ ok: false, error: { status: 403 } });
    expect(plan(members, { user: 'bob' })).toMatchObject({ ok: true });
    expect(plan(roomWith({ membersOnly: true }, 'sip:alice@localhost'))).toMatchObject({ ok: true });
  });

  it('a room with a password lets members in, and who says it in the URI (RFC 3261 §19.1.1)', () => {
    expect(plan(roomWith({ password: 'p w' }))).toMatchObject({ ok: false, error: { status: 403 } });
    expect(plan(roomWith({ password: 'x', members: ['sip:alice@localhost'] }))).toMatchObject({ ok: true });
    const called = (uri: string) => plan(roomWith({ password: 'p w' }), { room: uri });
    expect(called('sip:lobby:p%20w@chat.localhost')).toMatchObject({ ok: true });
    expect(called('sip:lobby:wrong@chat.localhost')).toMatchObject({ ok: false, error: { status: 403 } });
  });

  it('who is banned is 403, member or not', () => {
    const banned = roomWith({ banned: ['sip:alice@localhost'], members: ['sip:alice@localhost'], password: 'x' });
    expect(plan(banned, { room: 'sip:lobby:x@chat.localhost' })).toMatchObject({ ok: false, error: { status: 403 } });
  });

  it('a room of the factory is made for who calls it, whoever else may make rooms', () => {
    const called = invitation(invite(), { byFactory: true });
    expect(planJoin(undefined, called, 0, surroundings({ roomCreate: 'factory' }))).toMatchObject({ ok: true });
  });

  it('somebody that no edge vouches for is 403', () => {
    expect(planJoin(undefined, invitation(invite(), { identity: '' }), 0, surroundings())).toMatchObject({
      ok: false,
      error: { status: 403 },
    });
  });
});
