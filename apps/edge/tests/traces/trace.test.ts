import type { MemoryBroker } from '@parley/bus';
import { readRaw } from '@parley/sip';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpimBody } from '../support/cpim.ts';
import { listFields, listPart, multipart } from '../support/list-body.ts';
import { Phone } from '../support/phone.ts';
import { memoryBroker, startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';
import { stepsOf, traced } from '../support/traces.ts';

const cpim = ['Content-Type: message/cpim'];
const displayed = (id: string): string =>
  cpimBody(
    `<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>${id}</message-id><datetime>2026-11-21T10:00:00Z</datetime>` +
      '<display-notification><status><displayed/></status></display-notification></imdn>',
    { from: 'sip:bob@localhost', type: 'message/imdn+xml', id: `imdn-of-${id}` },
  );

describe('what became of a message whose sender asked for notifications', () => {
  let broker: MemoryBroker;
  let first: TestEdge;
  let second: TestEdge;
  let alice: Phone;
  let bob: Phone;
  beforeAll(async () => {
    broker = memoryBroker();
    first = await startTestEdge({ bus: broker.connect(), instance: 'e1' });
    second = await startTestEdge({ bus: broker.connect(), instance: 'e2' });
    alice = await Phone.tcp(first.port, 'alice');
    bob = await Phone.tcp(second.port, 'bob');
    await alice.register();
    await bob.register();
  });
  afterAll(async () => {
    for (const each of [alice, bob, first, second]) await each[Symbol.asyncDispose]();
  });

  const send = (to: string, id: string, requests = 'display', fields: readonly string[] = []) =>
    alice.request('MESSAGE', `sip:${to}@localhost`, {
      body: cpimBody('Hi', { id, requests }),
      fields: [...cpim, ...fields],
    });

  it('is told step by step, whichever edges it went over', async () => {
    const sending = send('bob', 't1');
    const message = await bob.incoming();
    bob.answer(message, 200);
    expect((await sending).statusCode).toBe(200);
    const notifying = bob.request('MESSAGE', 'sip:alice@localhost', { body: displayed('t1'), fields: cpim });
    alice.answer(await alice.incoming(), 200);
    expect((await notifying).statusCode).toBe(200);
    await eventually(async () => {
      expect(await stepsOf(first.bus, 't1')).toEqual(['accepted bob', 'delivered bob 200', 'notified bob displayed']);
    });
    expect(await traced(second.bus, 't1')).toMatchObject({
      ...{ sender: 'sip:alice@localhost', list: 'sip:bob@localhost', done: true },
      recipients: [{ uri: 'sip:bob@localhost', status: 200 }],
    });
  });

  it('is found by Call-ID and CSeq number too, and not by what nobody sent', async () => {
    const sending = send('bob', 't2');
    const message = await bob.incoming();
    bob.answer(message, 486);
    expect((await sending).statusCode).toBe(486);
    const found = await eventually(async () => {
      const story = await traced(first.bus, 't2');
      expect(story).toBeDefined();
      return story;
    });
    const { callId = '', cseq = 0 } = found ?? {};
    expect(await traced(first.bus, `${callId};${cseq}`)).toMatchObject({ messageId: 't2' });
    expect(await traced(first.bus, `${callId};${cseq + 1000}`)).toBeUndefined();
    expect(found?.steps.map(({ kind, status }) => `${kind} ${status}`)).toContain('refused 486');
    expect(await traced(first.bus, 'unheard-of')).toBeUndefined();
  });

  it('tells for which device a copy waits, and that it was replaced', async () => {
    expect((await send('carol', 't3')).statusCode).toBe(202);
    expect((await send('carol', 't4', 'display', ['Replaces-Message: t3'])).statusCode).toBe(202);
    await eventually(async () => {
      expect(await stepsOf(first.bus, 't3')).toEqual(['accepted carol', 'stored carol', 'replaced carol']);
    });
    expect(await traced(first.bus, 't3')).toMatchObject({ done: false, recipients: [{ status: 202 }] });
  });

  it('counts copies of a message to a list as one message, and follows each', async () => {
    const message = [cpim, cpimBody('Hello', { id: 't5', requests: 'negative-delivery' })] as const;
    const body = multipart([message, listPart([['sip:bob@localhost'], ['sip:carol@localhost']])]);
    const sending = alice.request('MESSAGE', 'sip:list@localhost', { body, fields: listFields });
    bob.answer(await bob.incoming(), 200);
    const tag = /tag=(.+)$/.exec(readRaw(await sending, 'To') ?? '')?.[1] ?? '';
    await eventually(async () => {
      expect(await traced(first.bus, 't5')).toMatchObject({
        ...{ sender: 'sip:alice@localhost', list: 'sip:list@localhost', done: true },
        recipients: [
          { uri: 'sip:bob@localhost', status: 200 },
          { uri: 'sip:carol@localhost', status: 202 },
        ],
      });
    });
    const byTag = await traced(first.bus, tag);
    expect(byTag?.steps.map(({ kind }) => kind).toSorted()).toEqual([
      ...['accepted', 'accepted', 'accepted', 'delivered', 'stored'],
    ]);
  });

  it('does not follow who asks for nothing, and believes no notification of who was no recipient', async () => {
    const sending = send('bob', 't6', '');
    bob.answer(await bob.incoming(), 200);
    await sending;
    expect((await send('carol', 't7')).statusCode).toBe(202);
    const notifying = bob.request('MESSAGE', 'sip:alice@localhost', { body: displayed('t7'), fields: cpim });
    alice.answer(await alice.incoming(), 200);
    await notifying;
    await first.service.drain?.();
    await second.service.drain?.();
    expect(await stepsOf(first.bus, 't7')).toEqual(['accepted carol', 'stored carol']);
    expect(await traced(first.bus, 't6')).toBeUndefined();
  });
});
