import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningConsole } from '../fixtures/running-console.ts';
import { runningConsole } from '../fixtures/running-console.ts';

const usual = {
  nicknames: true,
  nicknameScope: 'room',
  privateMessages: true,
  welcome: '',
  history: 100,
  maxParticipants: 0,
  maxSize: 10_485_760,
  persistent: true,
  membersOnly: false,
  members: [],
  banned: [],
  speakers: [],
  password: '',
  moderated: false,
  hideMembers: false,
};

let running: RunningConsole;
beforeAll(async () => {
  running = await runningConsole();
});
afterAll(() => running[Symbol.asyncDispose]());
beforeEach(() => {
  running.focus.rooms.clear();
});

describe('POST /api/v1/rooms', () => {
  it('makes a room and answers 201 with it', async () => {
    const response = await running.call('POST', '/rooms', { name: 'lobby', welcome: 'Hello', history: 0 });
    expect(response.status).toBe(201);
    const policy = { ...usual, welcome: 'Hello', history: 0 };
    expect(await response.json()).toEqual({ name: 'lobby', uri: 'sip:lobby@chat.localhost', policy, participants: [] });
  });

  it('takes names that a SIP URI escapes, and finds them again', async () => {
    const response = await running.call('POST', '/rooms', { name: 'Kaffee & Küche/1' });
    const location = response.headers.get('location') ?? '';
    expect(await response.json()).toMatchObject({
      name: 'Kaffee & Küche/1',
      uri: 'sip:Kaffee%20&%20K%C3%BCche/1@chat.localhost',
    });
    const again = await running.call('GET', location.replace('/api/v1', ''));
    expect(await again.json()).toMatchObject({ name: 'Kaffee & Küche/1' });
  });

  it('takes members by address or by the name of an account', async () => {
    const members = ['alice', 'sips:Bob@EXAMPLE.org:5061;x=y'];
    const response = await running.call('POST', '/rooms', { name: 'few', membersOnly: true, members });
    expect(await response.json()).toMatchObject({
      policy: { membersOnly: true, members: ['sip:alice@localhost', 'sip:Bob@example.org'] },
    });
  });

  it('answers 409 when the room exists', async () => {
    await running.call('POST', '/rooms', { name: 'lobby' });
    expect((await running.call('POST', '/rooms', { name: 'lobby' })).status).toBe(409);
  });

  it.each([
    [{}, 'name: is missing'],
    [{ name: '' }, 'name: expected 1 to 128 printable characters; those that SIP escapes count three'],
    [{ name: 'a\nb' }, 'name: expected 1 to 128 printable characters; those that SIP escapes count three'],
    [{ name: 'factory' }, 'name: factory is the address where rooms are made, not a room'],
    [{ name: 'r', nicknames: 'yes' }, 'nicknames: expected true or false'],
    [{ name: 'r', nicknameScope: 'world' }, 'nicknameScope: expected "room" or "domain"'],
    [{ name: 'r', history: -1 }, 'history: expected messages kept, an integer from 0 to 100000'],
    [{ name: 'r', history: null }, 'history: expected messages kept, an integer from 0 to 100000'],
    [
      { name: 'r', members: ['sip:a@b', '<x>'] },
      'members[1]: expected an address such as sip:alice@localhost, or the name of an account',
    ],
  ])('answers 400 and names the field: %j', async (body, message) => {
    const response = await running.call('POST', '/rooms', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: { code: 'invalid', message } });
  });
});

describe('GET /api/v1/rooms', () => {
  it('gives pages of a list until next is null', async () => {
    for (const name of ['one', 'two', 'three']) await running.call('POST', '/rooms', { name });
    const first = (await (await running.call('GET', '/rooms?limit=2')).json()) as { items: unknown[]; next: string };
    expect(first).toMatchObject({ items: [{ name: 'one' }, { name: 'three' }] });
    const rest = await running.call('GET', `/rooms?limit=2&cursor=${encodeURIComponent(first.next)}`);
    expect(await rest.json()).toMatchObject({ items: [{ name: 'two' }], next: null });
  });
});

describe('GET /api/v1/rooms/{room}', () => {
  it('shows the participants in the order in which they came', async () => {
    await running.call('POST', '/rooms', { name: 'lobby' });
    const uri = 'sip:lobby@chat.localhost';
    const person = { id: 'x', nickname: '', displayName: '', bound: true };
    const participants = [
      { ...person, uri: 'sip:bob@localhost', joinedAt: 2_000 },
      { ...person, uri: 'sip:alice@localhost', nickname: 'Al', joinedAt: 1_000 },
    ];
    running.focus.rooms.set(uri, { uri, participants, version: 2 });
    expect(await (await running.call('GET', '/rooms/lobby')).json()).toMatchObject({
      participants: [
        { uri: 'sip:alice@localhost', nickname: 'Al', joinedAt: '1970-01-01T00:00:01.000Z' },
        { uri: 'sip:bob@localhost', nickname: '', joinedAt: '1970-01-01T00:00:02.000Z' },
      ],
    });
  });

  it('answers 404 for a room that is not there, and for a name that no room has', async () => {
    expect((await running.call('GET', '/rooms/none')).status).toBe(404);
    expect((await running.call('GET', '/rooms/factory')).status).toBe(404);
  });
});

describe('PATCH /api/v1/rooms/{room}', () => {
  it('changes what is named and nothing else', async () => {
    await running.call('POST', '/rooms', { name: 'lobby', members: ['alice'], welcome: 'Hello' });
    const response = await running.call('PATCH', '/rooms/lobby', { moderated: true });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      policy: { moderated: true, welcome: 'Hello', members: ['sip:alice@localhost'] },
    });
  });

  it('empties the list of members when it is given an empty one', async () => {
    await running.call('POST', '/rooms', { name: 'lobby', members: ['alice'] });
    const response = await running.call('PATCH', '/rooms/lobby', { members: [] });
    expect(await response.json()).toMatchObject({ policy: { members: [] } });
  });

  it('does not rename', async () => {
    const response = await running.call('PATCH', '/rooms/lobby', { name: 'hall' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { message: expect.stringMatching(/^name: is not known/) as unknown },
    });
  });
});

describe('DELETE /api/v1/rooms/{room}', () => {
  it('answers 204, and then 404', async () => {
    await running.call('POST', '/rooms', { name: 'lobby' });
    expect((await running.call('DELETE', '/rooms/lobby')).status).toBe(204);
    expect((await running.call('DELETE', '/rooms/lobby')).status).toBe(404);
  });
});

describe('POST /api/v1/rooms/{room}/announcements', () => {
  it('lets the room speak and answers 202', async () => {
    await running.call('POST', '/rooms', { name: 'lobby' });
    const response = await running.call('POST', '/rooms/lobby/announcements', { text: 'We close at nine.' });
    expect([response.status, await response.json()]).toEqual([202, {}]);
    expect(running.focus.announcements).toEqual(['sip:lobby@chat.localhost We close at nine.']);
  });

  it('answers 404 where no room is and 400 where no text is', async () => {
    expect((await running.call('POST', '/rooms/none/announcements', { text: 'x' })).status).toBe(404);
    expect((await running.call('POST', '/rooms/lobby/announcements', { text: '' })).status).toBe(400);
  });
});

describe('what this version does not have', () => {
  it('answers 404 for a message', async () => {
    const message = await running.call('GET', '/messages/abc');
    expect([message.status, await message.json()]).toMatchObject([404, { error: { code: 'not-found' } }]);
  });
});
