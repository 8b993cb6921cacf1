import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningConsole } from '../fixtures/running-console.ts';
import { runningConsole } from '../fixtures/running-console.ts';

const dave = { name: 'dave', password: 'a long secret', displayName: 'Dave Ñandú', tel: '+358-555-123' };
const shown = { name: 'dave', displayName: 'Dave Ñandú', tel: '+358-555-123', bindings: [] };

let running: RunningConsole;
beforeAll(async () => {
  running = await runningConsole();
});
afterAll(() => running[Symbol.asyncDispose]());
beforeEach(() => {
  running.edge.accounts.clear();
});

describe('POST /api/v1/users', () => {
  it('makes an account and answers 201 with the user and where it is', async () => {
    const response = await running.call('POST', '/users', dave);
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe('/api/v1/users/dave');
    expect(await response.json()).toEqual(shown);
    expect(running.edge.passwords.get('dave')).toBe('a long secret');
  });

  it('needs no more than a name and a password', async () => {
    const response = await running.call('POST', '/users', { name: 'erin', password: 'p' });
    expect(await response.json()).toEqual({ name: 'erin', displayName: '', tel: '', bindings: [] });
  });

  it('answers 409 when the name is taken', async () => {
    await running.call('POST', '/users', dave);
    const response = await running.call('POST', '/users', dave);
    expect(response.status).toBe(409);
    expect(await response.json()).toEqual({ error: { code: 'conflict', message: 'the account exists' } });
  });

  it.each([
    [{ password: 'p' }, 'name: is missing'],
    [{ name: 'dave' }, 'password: is missing'],
    [{ ...dave, name: 'da ve' }, 'name: expected 1 to 64 letters, digits or any of - _ . ! ~ * + ='],
    [{ ...dave, name: 7 }, 'name: expected 1 to 64 letters, digits or any of - _ . ! ~ * + ='],
    [{ ...dave, password: '' }, 'password: expected text of 1 to 256 characters'],
    [{ ...dave, tel: '555' }, 'tel: expected a number such as +358555123, or an empty text'],
    [{ ...dave, displayName: null }, 'displayName: expected text of 0 to 128 characters'],
    [{ ...dave, admin: true }, 'admin: is not known here; known are name, password, displayName, tel'],
    [[], 'expected a JSON object with name, password, displayName, tel'],
    [null, 'expected a JSON object with name, password, displayName, tel'],
  ])('answers 400 and names the field: %j', async (body, message) => {
    const response = await running.call('POST', '/users', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: { code: 'invalid', message } });
  });
});

describe('GET /api/v1/users', () => {
  it('gives pages of a list until next is null', async () => {
    for (const name of ['c', 'a', 'b']) await running.call('POST', '/users', { name, password: 'p' });
    const first = (await (await running.call('GET', '/users?limit=2')).json()) as { items: unknown[]; next: string };
    expect(first).toMatchObject({ items: [{ name: 'a' }, { name: 'b' }] });
    const rest = await running.call('GET', `/users?limit=2&cursor=${encodeURIComponent(first.next)}`);
    expect(await rest.json()).toMatchObject({ items: [{ name: 'c' }], next: null });
  });

  it.each(['0', '501', '-1', '1e2', '', 'x'])('answers 400 to limit=%s', async (limit) => {
    const response = await running.call('GET', `/users?limit=${limit}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid' } });
  });
});

describe('GET /api/v1/users/{name}', () => {
  it('shows the bindings, with times as RFC 3339 in UTC', async () => {
    const binding = { contact: '<sip:d@192.0.2.1>', instance: '', expiresAt: 1_795_000_000_000, transport: 'TCP' };
    running.edge.accounts.set('dave', { name: 'dave', displayName: '', tel: '', bindings: [binding], mail: undefined });
    const response = await running.call('GET', '/users/dave');
    const expires = '2026-11-18T11:06:40.000Z';
    const bindings = [{ contact: '<sip:d@192.0.2.1>', instance: '', expires, transport: 'TCP' }];
    expect(await response.json()).toEqual({ name: 'dave', displayName: '', tel: '', bindings });
  });

  it('answers 404 for a name that nobody has, and for one that nobody can have', async () => {
    expect((await running.call('GET', '/users/nobody')).status).toBe(404);
    expect((await running.call('GET', '/users/%ff')).status).toBe(404);
    expect((await running.call('GET', `/users/${'x'.repeat(2000)}`)).status).toBe(404);
  });
});

describe('PUT /api/v1/users/{name}/password and DELETE /api/v1/users/{name}', () => {
  it('answer 204 without content', async () => {
    await running.call('POST', '/users', dave);
    const set = await running.call('PUT', '/users/dave/password', { password: 'another' });
    expect([set.status, await set.text()]).toEqual([204, '']);
    expect(running.edge.passwords.get('dave')).toBe('another');
    const removed = await running.call('DELETE', '/users/dave');
    expect([removed.status, await removed.text()]).toEqual([204, '']);
    expect((await running.call('DELETE', '/users/dave')).status).toBe(404);
    expect((await running.call('PUT', '/users/dave/password', { password: 'x' })).status).toBe(404);
  });
});

describe('GET /api/v1/users/{name}/mailbox', () => {
  const account = { name: 'dave', displayName: '', tel: '', bindings: [] };

  it('says what waits for devices that are away, and since when', async () => {
    const mail = { copies: 3, octets: 700, oldestAt: 1_795_000_000_000 };
    running.edge.accounts.set('dave', { ...account, mail });
    const response = await running.call('GET', '/users/dave/mailbox');
    expect(await response.json()).toEqual({ waiting: 3, octets: 700, oldest: '2026-11-18T11:06:40.000Z' });
  });

  it('says that nothing waits', async () => {
    running.edge.accounts.set('dave', { ...account, mail: undefined });
    const response = await running.call('GET', '/users/dave/mailbox');
    expect(await response.json()).toEqual({ waiting: 0, octets: 0, oldest: null });
  });

  it('answers 404 for a name that nobody has', async () => {
    expect((await running.call('GET', '/users/nobody/mailbox')).status).toBe(404);
  });
});

describe('DELETE /api/v1/users/{name}/mailbox', () => {
  it('gives up what waits, and answers 404 for a name that nobody has', async () => {
    const mail = { copies: 3, octets: 700, oldestAt: 1_795_000_000_000 };
    running.edge.accounts.set('dave', { name: 'dave', displayName: '', tel: '', bindings: [], mail });
    const cleared = await running.call('DELETE', '/users/dave/mailbox');
    expect([cleared.status, await cleared.text()]).toEqual([204, '']);
    expect(await (await running.call('GET', '/users/dave/mailbox')).json()).toMatchObject({ waiting: 0 });
    expect((await running.call('DELETE', '/users/nobody/mailbox')).status).toBe(404);
  });
});
