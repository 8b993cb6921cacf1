import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningConsole } from '../fixtures/running-console.ts';
import { runningConsole } from '../fixtures/running-console.ts';

let running: RunningConsole;
beforeAll(async () => {
  running = await runningConsole();
  await running.call('POST', '/rooms', { name: 'lobby', history: 7, replay: 2 });
});
afterAll(() => running[Symbol.asyncDispose]());
beforeEach(() => {
  running.history.entries.length = 0;
});

describe('the resource /rooms/{room}/history', () => {
  it('shows what was said: text as text, everything else in base64', async () => {
    running.history.say('grüß dich', { nickname: 'Alice', contentType: 'text/plain;charset=utf-8' });
    running.history.say(Buffer.from([0xff, 0xd8]), { contentType: 'image/jpeg' });
    running.history.say(Buffer.from([0xff]), { contentType: 'text/plain' });
    const common = { from: 'sip:alice@localhost', replaced: false, recalled: false };
    expect(await (await running.call('GET', '/rooms/lobby/history')).json()).toEqual({
      items: [
        {
          ...{ ...common, messageId: 'm0', nickname: 'Alice', at: '1970-01-01T00:00:00.000Z' },
          ...{ contentType: 'text/plain;charset=utf-8', text: 'grüß dich' },
        },
        {
          ...{ ...common, messageId: 'm1', nickname: '', at: '1970-01-01T00:00:01.000Z' },
          ...{ contentType: 'image/jpeg', base64: '/9g=' },
        },
        {
          ...{ ...common, messageId: 'm2', nickname: '', at: '1970-01-01T00:00:02.000Z' },
          ...{ contentType: 'text/plain', base64: '/w==' },
        },
      ],
      next: null,
    });
  });

  it('asks for as much as the policy of the room keeps', async () => {
    await running.call('GET', '/rooms/lobby/history');
    expect(running.history.asked).toMatchObject({
      room: 'sip:lobby@chat.localhost',
      command: { kind: 'read', value: { limit: 50, before: '', kept: 7 } },
    });
  });

  it('goes back page by page, each from old to new', async () => {
    for (const text of ['one', 'two', 'three']) running.history.say(text);
    const newest = await (await running.call('GET', '/rooms/lobby/history?limit=2')).json();
    expect(newest).toMatchObject({ items: [{ text: 'two' }, { text: 'three' }], next: '1' });
    const oldest = await (await running.call('GET', '/rooms/lobby/history?limit=2&before=1')).json();
    expect(oldest).toMatchObject({ items: [{ text: 'one' }], next: null });
  });

  it('is 404 for a room that does not exist, 400 for a limit that is none', async () => {
    expect((await running.call('GET', '/rooms/nowhere/history')).status).toBe(404);
    expect((await running.call('GET', '/rooms/lobby/history?limit=0')).status).toBe(400);
  });
});
