import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { House, openPolicy, room, uriOf } from './support/house.ts';
import { cpim } from './support/peer.ts';
import type { Peer } from './support/peer.ts';

const toBob = cpim(uriOf('alice'), uriOf('bob'), 'psst');
const toNobody = cpim(uriOf('alice'), uriOf('nobody'), 'psst');
const toDeaf = cpim(uriOf('alice'), uriOf('deaf'), 'psst');

async function people(house: House) {
  const [alice, bob, phone, carol] = [
    await house.join('alice'),
    await house.join('bob'),
    await house.join('bob'),
    await house.join('carol'),
  ];
  return { alice, bob, phone, carol, deaf: await house.join('deaf', { privateMessages: false }) };
}

describe('A private message, draft-03 (draft-ietf-simple-chat-03 §6.2)', () => {
  let house: House;
  let alice: Peer, bob: Peer, phone: Peer, carol: Peer, deaf: Peer;
  beforeAll(async () => {
    house = await House.open();
    ({ alice, bob, phone, carol, deaf } = await people(house));
  });
  afterAll(() => house[Symbol.asyncDispose]());

  it('goes to every session of its recipient and to nobody else, with Success-Report as it was', async () => {
    expect(await alice.say(toBob, { messageId: 'private1', successReport: 'yes' })).toBe(200);
    for (const peer of [bob, phone]) {
      expect(await peer.heard(1)).toMatchObject({
        body: toBob,
        request: { messageId: 'private1', successReport: 'yes' },
      });
    }
    expect(carol.sends).toHaveLength(0);
  });

  it('has the success report of its recipient relayed to its sender, of the first device to report', async () => {
    phone.report(await phone.heard(1), 200);
    expect(await alice.reported(1)).toMatchObject({ request: { messageId: 'private1', status: { code: 200 } } });
    bob.report(await bob.heard(1), 200);
    await bob.bind();
    await alice.bind();
    expect(alice.requests.filter(({ request }) => request.method === 'REPORT')).toHaveLength(1);
  });

  it('to an unknown recipient is answered with 200, then MUST be reported with 427, From and To in CPIM', async () => {
    expect(await alice.say(toNobody, { messageId: 'private2' })).toBe(200);
    const { request, body } = await alice.reported(2);
    expect(request).toMatchObject({
      messageId: 'private2',
      status: { namespace: '000', code: 427 },
      contentType: 'message/cpim',
    });
    expect(body).toContain(`From: <${uriOf('alice')}>\r\nTo: <${uriOf('nobody')}>\r\n`);
  });

  it('to one without private messages MUST be reported with 428', async () => {
    expect(await alice.say(toDeaf, { messageId: 'private3' })).toBe(200);
    expect((await alice.reported(3)).request).toMatchObject({ messageId: 'private3', status: { code: 428 } });
    expect(deaf.sends).toHaveLength(0);
  });

  it('is not reported on with Failure-Report no', async () => {
    alice.shout(toNobody, { failureReport: 'no' });
    await alice.say(toDeaf, { messageId: 'private4' });
    expect((await alice.reported(4)).request.messageId).toBe('private4');
  });

  it('finds its recipient whatever the spelling of the URI', async () => {
    const before = bob.sends.length;
    expect(await alice.say(cpim('SIP:alice@LOCALHOST', 'im:bob@localhost', 'psst'))).toBe(200);
    await bob.heard(before + 1);
  });

  it('goes to nobody in a room that has none', async () => {
    await house.command({ kind: 'updateHub', value: { hub: { ...openPolicy, privateMessages: false } } });
    const before = bob.sends.length;
    await alice.say(toBob);
    expect((await alice.reported(5)).request.status?.code).toBe(428);
    expect(bob.sends).toHaveLength(before);
  });
});

describe('A private message, RFC 7701 §6.2', () => {
  let house: House;
  let alice: Peer, bob: Peer;
  beforeAll(async () => {
    house = await House.open({ environment: { PARLEY_CHAT_DIALECT: 'rfc7701' } });
    ({ alice, bob } = await people(house));
  });
  afterAll(() => house[Symbol.asyncDispose]());

  it('MUST be rejected with 404 when its recipient is unknown', async () => {
    expect(await alice.say(toNobody)).toBe(404);
  });

  it('MUST be rejected with 428 when its recipient does not support them', async () => {
    expect(await alice.say(toDeaf)).toBe(428);
  });

  it('is delivered; the switch reports for itself and MUST NOT relay the recipient’s report (§6.3)', async () => {
    expect(await alice.say(toBob, { messageId: 'report1', successReport: 'yes' })).toBe(200);
    bob.report(await bob.heard(1), 200);
    await bob.bind();
    await alice.bind();
    expect(alice.requests.filter(({ request }) => request.method === 'REPORT')).toHaveLength(1);
  });

  it('does not touch messages to the room', async () => {
    expect(await alice.say(cpim(uriOf('alice'), room, 'hello'))).toBe(200);
  });
});
