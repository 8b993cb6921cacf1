import type { lists } from '@parley/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningConsole } from '../fixtures/running-console.ts';
import { runningConsole } from '../fixtures/running-console.ts';

const message: lists.ListMessage = {
  id: 'm1',
  sender: 'sip:alice@localhost',
  list: 'sip:list@localhost',
  acceptedAt: 0,
  done: false,
  messageId: 'm1',
  callId: 'c1',
  cseq: 2,
  recipients: [
    { uri: 'sip:bob@localhost', status: 200, reason: 'OK' },
    { uri: 'sip:carol@localhost', status: 202, reason: 'Accepted' },
    { uri: 'sip:dora@localhost', status: 404, reason: 'Not Found' },
    { uri: 'sip:emil@localhost', status: 0, reason: '' },
  ],
  steps: [
    { at: 0, kind: 'accepted', recipient: '', devices: [], status: 0, reason: '' },
    { at: 1, kind: 'refused', recipient: 'sip:bob@localhost', devices: ['<urn:a>'], status: 415, reason: 'No' },
    { at: 2, kind: 'expired', recipient: 'sip:bob@localhost', devices: ['<urn:b>'], status: 0, reason: '' },
    { at: 3, kind: 'notified', recipient: 'sip:bob@localhost', devices: [], status: 0, reason: 'displayed' },
    { at: 4, kind: 'notified', recipient: 'sip:bob@localhost', devices: [], status: 0, reason: 'delivered' },
  ],
};

let running: RunningConsole;
beforeAll(async () => {
  running = await runningConsole();
  running.lists.messages.set('m1', message);
});
afterAll(() => running[Symbol.asyncDispose]());

describe('the resource /messages/{id}', () => {
  it('tells what became of a message, for each recipient and step by step', async () => {
    expect(await (await running.call('GET', '/messages/m1')).json()).toEqual({
      ...{ id: 'm1', messageId: 'm1', callId: 'c1', cseq: 2 },
      ...{ from: 'sip:alice@localhost', to: 'sip:list@localhost', acceptedAt: '1970-01-01T00:00:00.000Z', done: false },
      recipients: ['delivered', 'stored', 'failed', 'pending'].map((outcome, i) => ({
        ...message.recipients[i],
        outcome,
      })),
      steps: ['accepted', 'failed', 'failed', 'displayed', 'notified'].map((step, i) => {
        const { recipient, devices, status, reason } = message.steps[i] ?? message.steps[0]!;
        return { at: `1970-01-01T00:00:00.00${i}Z`, step, recipient, devices, status, reason };
      }),
    });
  });

  it('answers 404 in the form of all errors where nothing is known', async () => {
    const response = await running.call('GET', `/messages/${encodeURIComponent('a;b@c;1')}`);
    expect([response.status, await response.json()]).toEqual([
      404,
      { error: { code: 'not-found', message: 'no such message' } },
    ]);
  });

  it('is for who holds the admin token alone', async () => {
    const response = await fetch(`${running.url}/api/v1/messages/m1`);
    expect(response.status).toBe(401);
  });
});
