import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningConsole } from '../fixtures/running-console.ts';
import { runningConsole } from '../fixtures/running-console.ts';

describe('POST /api/v1/rooms/{room}/…, what is done to somebody', () => {
  let running: RunningConsole;
  beforeAll(async () => {
    running = await runningConsole();
    await running.call('POST', '/rooms', { name: 'lobby' });
  });
  afterAll(() => running[Symbol.asyncDispose]());

  it.each([
    ['invite', { kind: 'inviteUser', value: { uri: 'bob' } }],
    ['kick', { kind: 'expel', value: { who: 'bob' } }],
    ['ban', { kind: 'ban', value: { who: 'bob', banned: true } }],
    ['unban', { kind: 'ban', value: { who: 'bob', banned: false } }],
    ['grant', { kind: 'grantVoice', value: { who: 'bob', granted: true } }],
    ['revoke', { kind: 'grantVoice', value: { who: 'bob', granted: false } }],
  ])('%s asks the focus and answers 202', async (act, command) => {
    expect((await running.call('POST', `/rooms/lobby/${act}`, { who: 'bob' })).status).toBe(202);
    expect(running.focus.acts.at(-1)).toEqual(command);
    expect((await running.call('POST', `/rooms/lobby/${act}`, {})).status).toBe(400);
    expect((await running.call('POST', `/rooms/nowhere/${act}`, { who: 'bob' })).status).toBe(404);
  });

  it('the lists of those people are part of the policy', async () => {
    const changed = await running.call('PATCH', '/rooms/lobby', {
      banned: ['eve'],
      speakers: ['bob'],
      endsWithCreator: true,
    });
    expect(await changed.json()).toMatchObject({
      policy: { banned: ['sip:eve@localhost'], speakers: ['sip:bob@localhost'], endsWithCreator: true },
    });
  });
});
