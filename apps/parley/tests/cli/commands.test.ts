import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsoleProcess, Outcome } from './fixtures.ts';
import { parley, startConsoleProcess, token } from './fixtures.ts';

let console: ConsoleProcess;
const asked = (...words: string[]): Promise<Outcome> =>
  parley(words, { PARLEY_URL: console.url, PARLEY_ADMIN_TOKEN: token });
beforeAll(async () => {
  console = await startConsoleProcess();
});
afterAll(() => console[Symbol.asyncDispose]());

describe('parley user', () => {
  it('makes, lists, shows, changes and removes accounts', async () => {
    const added = await asked(
      'user',
      'add',
      'dave',
      '--password',
      'one',
      '--display-name',
      'Dave D.',
      '--tel',
      '+3585',
    );
    expect(added).toEqual({ code: 0, stdout: 'dave has an account\n', stderr: '' });
    expect((await asked('user', 'list')).stdout).toBe(
      'NAME  DISPLAY NAME  TEL    DEVICES\ndave  Dave D.       +3585  0\n',
    );
    expect(JSON.parse((await asked('user', 'show', 'dave', '--json')).stdout)).toEqual({
      name: 'dave',
      displayName: 'Dave D.',
      tel: '+3585',
      bindings: [],
    });
    expect(await asked('user', 'mailbox', 'dave')).toMatchObject({ stdout: 'nothing waits\n' });
    expect(await asked('user', 'mailbox', 'dave', '--clear')).toMatchObject({
      stdout: 'nothing waits for dave any more\n',
    });
    expect(await asked('user', 'passwd', 'dave', '--password', 'two')).toMatchObject({ code: 0 });
    expect(console.said()).toContain('password dave two\n');
    expect(await asked('user', 'remove', 'dave', '--json')).toMatchObject({ code: 0, stdout: '{}\n' });
    expect(await asked('user', 'list')).toMatchObject({ stdout: 'nobody has an account\n' });
  });

  it('lists more than one page', async () => {
    const names = Array.from({ length: 501 }, (_, i) => `user${i}`);
    await Promise.all(names.map((name) => console.post('/users', { name, password: 'p' })));
    const list = JSON.parse((await asked('user', 'list', '--json')).stdout) as { items: unknown[]; next: unknown };
    expect([list.items.length, list.next]).toEqual([501, null]);
  });
});

describe('parley list', () => {
  it('makes, lists, shows, changes and removes lists', async () => {
    const made = await asked('list', 'add', 'friends', 'members=sip:alice@localhost,sip:bob@localhost', 'owner=alice');
    expect(made).toEqual({ code: 0, stdout: 'sip:friends@localhost reaches 2\n', stderr: '' });
    expect((await asked('list', 'list')).stdout).toBe(
      'NAME     ADDRESS                OWNER  SENDERS  MEMBERS\nfriends  sip:friends@localhost  alice  members  2\n',
    );
    const words = ['senders=anyone', 'hideMembers=yes', 'members+=sip:dave@localhost', 'members-=sip:bob@localhost'];
    const set = await asked('list', 'set', 'friends', ...words, '--json');
    expect(JSON.parse(set.stdout)).toMatchObject({
      owner: 'alice',
      senders: 'anyone',
      hideMembers: true,
      members: ['sip:alice@localhost', 'sip:dave@localhost'],
    });
    expect((await asked('list', 'show', 'friends')).stdout).toContain('sip:dave@localhost');
    expect(await asked('list', 'remove', 'friends')).toMatchObject({ code: 0 });
    expect(await asked('list', 'show', 'friends')).toMatchObject({ code: 1 });
  });

  it('ends with 2 on words that it does not know', async () => {
    for (const word of ['colour=blue', 'hideMembers=perhaps', 'owner+=alice', 'members'])
      expect(await asked('list', 'add', 'friends', word), word).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('parley room', () => {
  it('makes, shows, changes and deletes rooms, and lets them speak', async () => {
    const made = await asked('room', 'create', 'lobby', 'welcome=Good to see you', 'history=5');
    expect(made).toEqual({ code: 0, stdout: 'sip:lobby@chat.localhost is open\n', stderr: '' });
    expect((await asked('room', 'list')).stdout).toBe(
      'NAME   ADDRESS                   PARTICIPANTS\nlobby  sip:lobby@chat.localhost  0\n',
    );
    const set = await asked('room', 'set', 'lobby', 'moderated=yes', 'members=alice', '--json');
    expect(JSON.parse(set.stdout)).toMatchObject({
      policy: { moderated: true, welcome: 'Good to see you', history: 5, members: ['sip:alice@localhost'] },
    });
    expect((await asked('room', 'show', 'lobby')).stdout).toMatch(/^moderated +true$/m);
    expect(await asked('room', 'members', 'lobby')).toMatchObject({ stdout: 'nobody is in it\n' });
    expect(await asked('room', 'ban', 'lobby', 'eve')).toMatchObject({
      code: 0,
      stdout: 'eve does not come in any more\n',
    });
    expect(await asked('room', 'invite', 'lobby', 'bob', '--json')).toMatchObject({ code: 0, stdout: '{}\n' });
    expect(await asked('room', 'announce', 'lobby', 'We close.')).toMatchObject({ code: 0 });
    expect(console.said()).toContain('announced sip:lobby@chat.localhost We close.\n');
    expect(await asked('room', 'delete', 'lobby')).toMatchObject({ code: 0, stdout: 'lobby is no more\n' });
  });
});

describe('parley history', () => {
  it('shows what was said in a room, oldest first', async () => {
    await asked('room', 'create', 'talk');
    expect(await asked('history', 'talk')).toEqual({
      code: 0,
      stdout:
        'AT                        FROM                 MESSAGE\n' +
        '1970-01-01T00:00:00.000Z  Alice                hello\n' +
        '1970-01-01T00:00:01.000Z  sip:alice@localhost  (image/png, 3 octets)\n',
      stderr: '',
    });
    const one = JSON.parse((await asked('history', 'talk', '--limit', '1', '--json')).stdout) as unknown;
    expect(one).toMatchObject({ items: [{ contentType: 'image/png', base64: 'AQID' }], next: '1' });
    expect(await asked('history', 'talk', '--limit', 'few')).toMatchObject({ code: 2 });
    expect(await asked('history', 'none')).toMatchObject({ code: 1 });
  });
});

describe('exit codes', () => {
  it('1: the API refuses, and says why', async () => {
    expect(await asked('room', 'show', 'none')).toEqual({ code: 1, stdout: '', stderr: 'parley: no such room\n' });
    const json = await asked('room', 'show', 'none', '--json');
    expect(JSON.parse(json.stderr)).toEqual({ error: { code: 'not-found', message: 'no such room' } });
  });

  it('1: the token is not the one', async () => {
    const refused = await parley(['user', 'list'], { PARLEY_URL: console.url, PARLEY_ADMIN_TOKEN: 'wrong' });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/set PARLEY_ADMIN_TOKEN/);
  });

  it('2: what was typed or set is not understood', async () => {
    const typed = [['user', 'lst'], ['user', 'add'], ['room'], ['foo'], ['user', 'add', 'dave']]; // the last: no password
    const outcomes = await Promise.all(typed.map((words) => asked(...words)));
    expect(outcomes.map(({ code }) => code)).toEqual(typed.map(() => 2));
    const word = await asked('room', 'set', 'lobby', 'history=x');
    expect(word).toMatchObject({ code: 2, stderr: 'parley: "history=x": expected a whole number\n' });
    expect(await parley(['user', 'list'], { PARLEY_URL: 'nowhere' })).toMatchObject({ code: 2 });
  });

  it('3: nobody answers', async () => {
    const lost = await parley(['user', 'list'], { PARLEY_URL: 'http://127.0.0.1:1' });
    expect(lost.code).toBe(3);
    expect(lost.stderr).toMatch(/^parley: no answer from http:\/\/127\.0\.0\.1:1 /);
  });
});

describe('help', () => {
  it.each([[], ['user'], ['user', 'add'], ['room'], ['room', 'set'], ['send'], ['trace']])(
    'is there at every level, with an example: %j %j',
    async (...words: string[]) => {
      const { code, stdout } = await parley([...words, '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/Example:\n {2}\$ npx parley /);
    },
  );
});

describe('the running npm start', () => {
  it('is found by its data directory, with its token', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'parley-cli-'));
    await writeFile(
      join(directory, 'ports.json'),
      JSON.stringify({ sip: 5060, http: Number(new URL(console.url).port) }),
    );
    await writeFile(join(directory, 'admin-token'), `${token}\n`, { mode: 0o600 });
    expect(await parley(['room', 'list'], { PARLEY_DATA_DIR: directory })).toMatchObject({ code: 0 });
    const named = { PARLEY_DATA_DIR: directory, PARLEY_URL: console.url };
    expect(await parley(['room', 'list'], named)).toMatchObject({ code: 0 });
    await rm(directory, { recursive: true });
  });

  it('keeps its token from any other server', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'parley-cli-'));
    await writeFile(join(directory, 'ports.json'), JSON.stringify({ http: 1 }));
    await writeFile(join(directory, 'admin-token'), `${token}\n`, { mode: 0o600 });
    const other = await parley(['room', 'list'], { PARLEY_DATA_DIR: directory, PARLEY_URL: console.url });
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/expected Authorization/);
    await rm(directory, { recursive: true });
  });
});
