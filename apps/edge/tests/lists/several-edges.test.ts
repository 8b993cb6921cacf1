import { decodeUtf8 } from '@parley/prelude';
import { readRaw } from '@parley/sip';
import { eventually } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { listFields, listPart, multipart, textPart } from '../support/list-body.ts';
import { Phone } from '../support/phone.ts';
import { memoryBroker, startTestEdge } from '../support/test-edge.ts';

const body = (text: string): string =>
  multipart([textPart(text), listPart([['sip:bob@localhost'], ['sip:carol@localhost']])]);

describe('messages to lists, with two edges', () => {
  it('reach devices at both, whichever carries the job out, each once', async () => {
    const broker = memoryBroker();
    await using first = await startTestEdge({ bus: broker.connect(), instance: 'e1' });
    await using second = await startTestEdge({ bus: broker.connect(), instance: 'e2' });
    await using alice = await Phone.tcp(first.port, 'alice');
    await using bob = await Phone.tcp(first.port, 'bob');
    await using carol = await Phone.tcp(second.port, 'carol');
    for (const phone of [bob, carol]) await phone.register();
    for (const text of ['one', 'two', 'three']) {
      const answer = await alice.request('MESSAGE', 'sip:list@localhost', { fields: listFields, body: body(text) });
      expect(answer.statusCode).toBe(202);
      for (const phone of [bob, carol]) {
        const copy = await phone.incoming();
        phone.answer(copy, 200);
        expect(decodeUtf8(copy.body)).toBe(text);
      }
    }
  });

  it('are taken up by the other when the one that carries them out drains', async () => {
    const broker = memoryBroker();
    const first = await startTestEdge({ bus: broker.connect(), instance: 'e1' });
    await using alice = await Phone.udp(first.port, 'alice');
    const answer = await alice.request('MESSAGE', 'sip:list@localhost', {
      fields: listFields,
      body: body('handed over'),
    });
    expect(answer.statusCode).toBe(202);
    await first.service.drain?.();
    await first[Symbol.asyncDispose]();
    await using second = await startTestEdge({ bus: broker.connect(), instance: 'e2' });
    for (const name of ['bob', 'carol']) {
      await using phone = await Phone.tcp(second.port, name);
      await phone.register();
      const copy = await phone.incoming();
      phone.answer(copy, 200);
      expect(decodeUtf8(copy.body)).toBe('handed over');
    }
  });
});

describe('messages to lists, with NATS away', () => {
  it('are answered 503 with Retry-After, since nobody could keep the promise of a 202', async () => {
    const broker = memoryBroker();
    await using edge = await startTestEdge({ bus: broker.connect() });
    await using alice = await Phone.tcp(edge.port, 'alice');
    broker.goAway();
    const answer = await alice.request('MESSAGE', 'sip:list@localhost', { fields: listFields, body: body('x') });
    expect([answer.statusCode, readRaw(answer, 'Retry-After')]).toEqual([503, '5']);
    broker.comeBack();
    await eventually(async () => {
      const later = await alice.request('MESSAGE', 'sip:list@localhost', { fields: listFields, body: body('y') });
      expect(later.statusCode).toBe(202);
    });
  });
});
