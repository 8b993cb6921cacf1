import { readRaw } from '@parley/sip';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imdnsIn } from '../support/cpim.ts';
import { able, bob, bodyOf, device, naming, Scene, take, takeBodies } from './scene.ts';

const recall = ';action=recall';

describe('An amendment of what waits (docs/specs/replace-message.md §8.2)', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open();
  });
  afterEach(async () => {
    await scene[Symbol.asyncDispose]();
  });
  const ref = (cSeq: number | undefined, action = ''): string => naming(scene.alice.callId, cSeq, action);
  /** What bob gets when he comes. */
  const arrives = async (count: number, fields: readonly string[] = []): Promise<string[]> => {
    await using phone = await scene.phone('bob');
    await phone.register(undefined, fields);
    return await takeBodies(phone, count);
  };

  it('MUST be delivered in the place of the original, its own fields with it, and is answered 202', async () => {
    await scene.send('one');
    const two = await scene.send('two');
    await scene.send('three');
    expect(await scene.amend('TWO', ref(two), 'Subject: new', 'Require: replace-message')).toBe(202);
    await using phone = await scene.phone('bob');
    await phone.register();
    expect(bodyOf(await take(phone))).toBe('one');
    const replaced = await take(phone);
    expect([bodyOf(replaced), readRaw(replaced, 'Subject')]).toEqual(['TWO', 'new']);
    expect([readRaw(replaced, 'Replaces-Message'), readRaw(replaced, 'Require')]).toEqual([undefined, undefined]);
    expect(await takeBodies(phone, 1)).toEqual(['three']);
  });

  it('MUST remove the copy of a message that is recalled, and is answered 200', async () => {
    await scene.send('one');
    const two = await scene.send('two');
    await scene.send('three');
    expect(await scene.amend('', ref(two, recall))).toBe(200);
    expect(await arrives(2)).toEqual(['one', 'three']);
  });

  it('names a message by its Message-ID, and a chain of replacements by the name of each', async () => {
    expect(await scene.wrapped('m1', { id: 'm1' })).toBe(202);
    expect(await scene.wrapped('m2', { id: 'm2' }, 'Replaces-Message: m1')).toBe(202);
    expect(await scene.wrapped('m3', { id: 'm3' }, 'Replaces-Message: m2')).toBe(202);
    expect(await scene.wrapped('m4', { id: 'm4' }, 'Replaces-Message: m1')).toBe(202);
    await scene.send('last');
    const [only, last] = await arrives(2);
    expect(only).toContain('\r\nm4');
    expect(last).toBe('last');
  });

  it('means the newest message of a Call-ID where no CSeq is given (§5)', async () => {
    await scene.send('one');
    await scene.send('two');
    expect(await scene.amend('TWO', ref(undefined))).toBe(202);
    expect(await arrives(2)).toEqual(['one', 'TWO']);
  });

  it('acts on the CPIM headers alone, and takes them out where the original is not known to the device (§4.3)', async () => {
    expect(await scene.wrapped('m1', { id: 'm1' })).toBe(202);
    const headers = ['NS: replace <urn:parley:params:cpim:replace>', 'replace.Message-ID: m1'];
    expect(await scene.wrapped('m2', { id: 'm2', headers })).toBe(202);
    const [body] = await arrives(1, able);
    expect(body).toContain('imdn.Message-ID: m2');
    expect(body).not.toContain('replace');
  });

  it('is answered 400 where header field and CPIM differ, or the header field cannot be read (§4)', async () => {
    const headers = ['NS: replace <urn:parley:params:cpim:replace>', 'replace.Message-ID: m1'];
    expect(await scene.wrapped('m2', { id: 'm2', headers }, 'Replaces-Message: m7')).toBe(400);
    expect(await scene.amend('x', 'Replaces-Message: m1;action=undo')).toBe(400);
  });

  it('is answered 403 when another sent the original, and changes nothing; his other device may amend it (§8.1)', async () => {
    const one = await scene.send('one');
    await using carol = await scene.phone('carol');
    expect((await carol.message(bob, 'hers', [ref(one)])).statusCode).toBe(403);
    expect((await carol.message(bob, '', [ref(one, recall)])).statusCode).toBe(403);
    await using tablet = await scene.phone('alice');
    expect((await tablet.message(bob, 'mine', [ref(one)])).statusCode).toBe(202);
    expect(await arrives(1)).toEqual(['mine']);
  });

  it('is answered 403 when its sender hides, since nothing proves who that is (§8.1)', async () => {
    const one = await scene.send('one');
    const anonymous = { From: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=x' };
    const fields = ['Content-Type: text/plain', 'Privacy: id', ref(one, recall)];
    const response = await scene.alice.request('MESSAGE', bob, { fields, instead: anonymous });
    expect(response.statusCode).toBe(403);
    expect(await arrives(1)).toEqual(['one']);
  });

  it('is answered 404 where there is no such recipient', async () => {
    const response = await scene.alice.message('sip:nobody@localhost', 'x', ['Replaces-Message: m1']);
    expect(response.statusCode).toBe(404);
  });

  it('is answered 481 when the message was recalled before (§8.6)', async () => {
    const one = await scene.send('one');
    expect(await scene.amend('', ref(one, recall))).toBe(200);
    expect(await scene.amend('again', ref(one))).toBe(481);
    expect(await scene.amend('', ref(one, recall))).toBe(481);
  });

  it('is answered as before when it is repeated, and not carried out twice (§8.5)', async () => {
    const one = await scene.send('one');
    const again = {
      'Call-ID': 'amendment',
      CSeq: '7 MESSAGE',
      Via: `SIP/2.0/TCP ${scene.alice.local};branch=z9hG4bKsame`,
    };
    const options = { body: 'ONE', fields: ['Content-Type: text/plain', ref(one)], instead: again };
    const first = await scene.alice.request('MESSAGE', bob, options);
    expect(first.statusCode).toBe(202);
    expect((await scene.alice.request('MESSAGE', bob, options)).statusCode).toBe(202);
    await scene.send('two');
    expect(await arrives(2)).toEqual(['ONE', 'two']);
  });

  it('goes to the devices that have the original too, when some do (§8.3)', async () => {
    await using desk = await scene.phone('bob');
    await using mobile = await scene.phone('bob');
    await desk.register(device(desk, 'desk'), able);
    await mobile.register(device(mobile, 'mobile'));
    await mobile.register(device(mobile, 'mobile', 0));
    const options = { 'Call-ID': 'mixed', CSeq: '1 MESSAGE' };
    const sent = scene.alice.request('MESSAGE', bob, {
      body: 'one',
      fields: ['Content-Type: text/plain'],
      instead: options,
    });
    expect(bodyOf(await take(desk))).toBe('one');
    expect((await sent).statusCode).toBe(200);
    const amended = scene.amend('ONE', naming('mixed', 1));
    const request = await take(desk);
    expect([bodyOf(request), readRaw(request, 'Replaces-Message')]).toEqual(['ONE', '"mixed";cseq=1']);
    expect(await amended).toBe(200);
    await mobile.register(device(mobile, 'mobile'));
    expect(await takeBodies(mobile, 1)).toEqual(['ONE']);
  });

  it('of an amendment that waits keeps what that names, so that the device hears of one change (§8.2)', async () => {
    await using phone = await scene.phone('bob');
    await phone.register(device(phone, 'mobile'), able);
    const sent = scene.wrapped('m1', { id: 'm1' });
    await take(phone);
    expect(await sent).toBe(200);
    await phone.register(device(phone, 'mobile', 0), able);
    expect(await scene.wrapped('m2', { id: 'm2' }, 'Replaces-Message: m1')).toBe(202);
    expect(await scene.wrapped('m3', { id: 'm3' }, 'Replaces-Message: m2')).toBe(202);
    expect(await scene.wrapped('', { id: 'm4' }, 'Replaces-Message: m3;action=recall')).toBe(202);
    await phone.register(device(phone, 'mobile'), able);
    const request = await take(phone);
    expect(readRaw(request, 'Replaces-Message')).toBe('m1;action=recall');
    expect(phone.unread).toBe(0);
  });

  it('tells who asked: stored for a replacement, processed for a recall (§10)', async () => {
    await using mine = await scene.phone('alice');
    await mine.register();
    expect(await scene.wrapped('m1', { id: 'm1' })).toBe(202);
    expect(await scene.wrapped('m2', { id: 'm2', requests: 'processing' }, 'Replaces-Message: m1')).toBe(202);
    expect(imdnsIn(await take(mine))).toMatchObject([{ messageId: 'm2', disposition: { status: 'stored' } }]);
    const asking = { id: 'm3', requests: 'processing' };
    expect(await scene.wrapped('', asking, 'Replaces-Message: m2;action=recall')).toBe(200);
    expect(imdnsIn(await take(mine))).toMatchObject([{ messageId: 'm3', disposition: { status: 'processed' } }]);
  });
});
