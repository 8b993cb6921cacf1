import { readRaw } from '@parley/sip';
import type { SipRequest, SipResponse } from '@parley/sip';
import { decodeUtf8 } from '@parley/prelude';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listFields, listPart, multipart, textPart } from '../support/list-body.ts';
import type { Entry, Part } from '../support/list-body.ts';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const service = 'sip:list@localhost';

describe('the MESSAGE URI-list service', () => {
  let edge: TestEdge;
  let alice: Phone;
  let bob: Phone;
  let carol: Phone;

  beforeAll(async () => {
    edge = await startTestEdge();
    alice = await Phone.tcp(edge.port, 'alice');
    bob = await Phone.tcp(edge.port, 'bob');
    carol = await Phone.tcp(edge.port, 'carol');
    for (const phone of [alice, bob, carol]) expect((await phone.register()).statusCode).toBe(200);
  });
  afterAll(async () => {
    for (const phone of [alice, bob, carol]) await phone[Symbol.asyncDispose]();
    await edge[Symbol.asyncDispose]();
  });

  function send(parts: readonly Part[], fields = listFields): Promise<SipResponse> {
    return alice.request('MESSAGE', service, { fields, body: multipart(parts) });
  }

  async function taken(phone: Phone): Promise<SipRequest> {
    const request = await phone.incoming();
    phone.answer(request, 200);
    return request;
  }

  it('answers 202 and sends a MESSAGE to each intended recipient (RFC 5365 §7)', async () => {
    const entries: Entry[] = [['sip:bob@localhost'], ['sip:carol@localhost']];
    expect((await send([textPart('Lunch?'), listPart(entries)])).statusCode).toBe(202);
    const [first, second] = await Promise.all([taken(bob), taken(carol)]);
    expect(first.method).toBe('MESSAGE');
    expect(decodeUtf8(first.body)).toBe('Lunch?');
    expect(readRaw(first, 'Content-Type')).toBe('text/plain');
    expect(readRaw(first, 'To')).toBe('<sip:bob@localhost>');
    expect(readRaw(first, 'From')).toMatch(/^<sip:alice@localhost>;tag=/);
    expect(readRaw(first, 'From')).not.toContain('from-alice');
    expect(readRaw(first, 'Call-ID')).not.toBe(alice.callId);
    expect(readRaw(first, 'Call-ID')).not.toBe(readRaw(second, 'Call-ID'));
    expect(readRaw(first, 'Require')).toBeUndefined();
    expect(readRaw(first, 'Authorization')).toBeUndefined();
  });
});
