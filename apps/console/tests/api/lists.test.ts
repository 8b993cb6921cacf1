import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningConsole } from '../fixtures/running-console.ts';
import { runningConsole } from '../fixtures/running-console.ts';

const friends = { name: 'friends', displayName: 'Friends', owner: 'alice', members: ['bob', 'sip:carol@localhost'] };
const shown = {
  ...friends,
  uri: 'sip:friends@localhost',
  senders: 'members',
  hideMembers: false,
  createdAt: '1970-01-01T00:00:00.000Z',
};

let running: RunningConsole;
beforeAll(async () => {
  running = await runningConsole();
});
afterAll(() => running[Symbol.asyncDispose]());
beforeEach(() => {
  running.lists.lists.clear();
});

describe('the resource /lists', () => {
  it('makes a list and says where it is', async () => {
    const response = await running.call('POST', '/lists', friends);
    expect([response.status, response.headers.get('location')]).toEqual([201, '/api/v1/lists/friends']);
    expect(await response.json()).toEqual(shown);
    expect((await running.call('POST', '/lists', friends)).status).toBe(409);
  });

  it('gives pages of lists until next is null', async () => {
    for (const name of ['c', 'a', 'b']) await running.call('POST', '/lists', { name });
    const first = await (await running.call('GET', '/lists?limit=2')).json();
    expect(first).toMatchObject({ items: [{ name: 'a' }, { name: 'b' }], next: 'b' });
    const rest = await (await running.call('GET', '/lists?cursor=b')).json();
    expect(rest).toMatchObject({ items: [{ name: 'c' }], next: null });
  });

  it('shows, replaces and removes a list', async () => {
    await running.call('POST', '/lists', friends);
    expect(await (await running.call('GET', '/lists/friends')).json()).toEqual(shown);
    const replaced = await running.call('PUT', '/lists/friends', { senders: 'anyone', hideMembers: true });
    expect(await replaced.json()).toMatchObject({ senders: 'anyone', hideMembers: true, members: [], owner: '' });
    expect((await running.call('DELETE', '/lists/friends')).status).toBe(204);
    expect((await running.call('GET', '/lists/friends')).status).toBe(404);
    expect((await running.call('PUT', '/lists/friends', {})).status).toBe(404);
  });

  it('changes who is on it', async () => {
    await running.call('POST', '/lists', friends);
    const changed = await running.call('PATCH', '/lists/friends/members', { add: ['dora'], remove: ['bob'] });
    expect(await changed.json()).toMatchObject({ members: ['sip:carol@localhost', 'dora'] });
  });

  it('takes some thousand members', async () => {
    const members = Array.from({ length: 8000 }, (_, i) => `sip:somebody-${i}@localhost`);
    const response = await running.call('POST', '/lists', { name: 'all', members });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ members });
  });

  it.each([
    [{}, 'name: is missing'],
    [{ name: 'a b' }, 'name: expected 1 to 64 letters, digits or any of - _ . ! ~ * + ='],
    [{ name: 'a', senders: 'all' }, 'senders: expected "members", "owner" or "anyone"'],
    [{ name: 'a', members: 'bob' }, 'members: expected a list of at most 20000 addresses, or names of accounts'],
    [{ name: 'a', hideMembers: 1 }, 'hideMembers: expected true or false'],
  ])('answers 400 and names the field: %j', async (body, message) => {
    const response = await running.call('POST', '/lists', body);
    expect([response.status, await response.json()]).toEqual([400, { error: { code: 'invalid', message } }]);
  });
});
