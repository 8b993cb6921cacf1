import { readRaw } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cpimBody, imdnsIn } from '../support/cpim.ts';
import type { Phone } from '../support/phone.ts';
import { able, bob, bodyOf, cpim, device, naming, Scene, take, takeBodies } from './scene.ts';

const recall = ';action=recall';

describe('An amendment of what was delivered (docs/specs/replace-message.md §8.3)', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open();
  });
  afterEach(async () => {
    await scene[Symbol.asyncDispose]();
  });
  const deliver = async (...phones: readonly Phone[]): Promise<string> => {
    const instead = { 'Call-ID': `original-${phones.length}`, CSeq: '1 MESSAGE' };
    const sent = scene.alice.request('MESSAGE', bob, { body: 'one', fields: ['Content-Type: text/plain'], instead });
    for (const phone of phones) await take(phone);
    expect((await sent).statusCode).toBe(200);
    return instead['Call-ID'];
  };
  const amend = (text: string, ...fields: readonly string[]): Promise<SipResponse> =>
    scene.alice.message(bob, text, fields);

  it('MUST go, as any message and with its header field, to bindings that said so; their answer goes back', async () => {
    await using phone = await scene.phone('bob');
    await phone.register(device(phone, 'mobile'), able);
    const callId = await deliver(phone);
    for (const [status, field] of [
      [200, naming(callId, 1)],
      [403, naming(callId, 1, recall)],
      [481, 'Replaces-Message: m7;action=recall'],
    ] as const) {
      const answer = amend('ONE', field);
      const request = await take(phone, status);
      expect(`Replaces-Message: ${readRaw(request, 'Replaces-Message') ?? ''}`).toBe(field);
      expect((await answer).statusCode).toBe(status);
    }
  });

  it('MUST reach a binding that did not say so as a plain new message, and a recall none', async () => {
    await using phone = await scene.phone('bob');
    await phone.register();
    const callId = await deliver(phone);
    const replaced = amend('ONE', naming(callId, 1), 'Require: replace-message');
    const request = await take(phone);
    expect([bodyOf(request), readRaw(request, 'Replaces-Message'), readRaw(request, 'Require')]).toEqual([
      'ONE',
      undefined,
      undefined,
    ]);
    expect((await replaced).statusCode).toBe(200);
    const refused = await amend('', naming(callId, 1, recall));
    expect([refused.statusCode, readRaw(refused, 'Warning')]).toEqual([
      488,
      '399 localhost "the message does not wait here, and no device of the recipient can recall it"',
    ]);
    expect(phone.unread).toBe(0);
  });

  it('leaves the notification to a device that gets the plain form: it was asked', async () => {
    await using mine = await scene.phone('alice');
    await mine.register();
    await using phone = await scene.phone('bob');
    await phone.register();
    const wish = { id: 'm2', requests: 'positive-delivery' };
    const sent = scene.wrapped('two', wish, 'Replaces-Message: m1');
    expect(bodyOf(await take(phone))).toContain('imdn.Disposition-Notification: positive-delivery');
    expect(await sent).toBe(200);
    const next = scene.alice.request('MESSAGE', bob, { body: cpimBody('three', { id: 'm3' }), fields: [cpim] });
    expect(bodyOf(await take(phone))).toContain('three');
    expect([(await next).statusCode, mine.unread]).toEqual([200, 0]);
  });

  it('is sent to those alone that can act where it recalls', async () => {
    await using desk = await scene.phone('bob');
    await using mobile = await scene.phone('bob');
    await desk.register(device(desk, 'desk'));
    await mobile.register(device(mobile, 'mobile'), able);
    const callId = await deliver(desk, mobile);
    const answer = amend('', naming(callId, 1, recall));
    expect(readRaw(await take(mobile), 'Replaces-Message')).toContain('recall');
    expect([(await answer).statusCode, desk.unread]).toEqual([200, 0]);
  });

  it('is stored when the devices that can act are away, and delivered later with its header field (202)', async () => {
    await using phone = await scene.phone('bob');
    await phone.register(device(phone, 'mobile'), able);
    const callId = await deliver(phone);
    await phone.register(device(phone, 'mobile', 0), able);
    expect((await amend('', naming(callId, 1, recall))).statusCode).toBe(202);
    await scene.send('two');
    await phone.register(device(phone, 'mobile'), able);
    const request = await take(phone);
    expect(readRaw(request, 'Replaces-Message')).toBe(`"${callId}";cseq=1;action=recall`);
    expect(await takeBodies(phone, 1)).toEqual(['two']);
  });

  it('tells who asked that a device refused it when it came (§10)', async () => {
    await using mine = await scene.phone('alice');
    await mine.register();
    await using phone = await scene.phone('bob');
    await phone.register(device(phone, 'mobile'), able);
    await phone.register(device(phone, 'mobile', 0), able);
    const wish = { id: 'm2', requests: 'negative-delivery' };
    expect(await scene.wrapped('', wish, 'Replaces-Message: m1;action=recall')).toBe(202);
    await phone.register(device(phone, 'mobile'), able);
    await take(phone, 481);
    expect(imdnsIn(await take(mine))).toMatchObject([{ messageId: 'm2', disposition: { status: 'failed' } }]);
  });
});
