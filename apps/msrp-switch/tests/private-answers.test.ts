import { describe, expect, it } from 'vitest';
import { defaultSwitchLimits } from '../src/limits.ts';
import { House, uriOf } from './support/house.ts';
import { cpim } from './support/peer.ts';
import type { HeadParts, Peer, Received } from './support/peer.ts';

const toBob = cpim(uriOf('alice'), uriOf('bob'), 'psst');
const parts: HeadParts = { messageId: 'for-bob-alone', contentType: 'message/cpim' };

async function people(answerTime = 30_000) {
  const house = await House.open({ limits: { ...defaultSwitchLimits, answerTime } });
  return { house, alice: await house.join('alice'), bob: await house.join('bob'), phone: await house.join('bob') };
}

const reports = (peer: Peer): readonly Received[] => peer.requests.filter(({ request }) => request.method === 'REPORT');

describe('The answer to a private message, draft-03 (RFC 4975 §7.1.1, §7.1.4)', () => {
  it('that refuses it is told to the sender by a REPORT, once all devices of the recipient have refused', async () => {
    const { house, alice, bob, phone } = await people();
    await using _ = house;
    expect(await alice.say(toBob, parts)).toBe(200);
    await bob.respond(await bob.heard(1), 415);
    await alice.bind();
    expect(reports(alice)).toHaveLength(0);
    await phone.respond(await phone.heard(1), 413);
    const { request } = await alice.reported(1);
    expect(request).toMatchObject({ messageId: 'for-bob-alone', status: { namespace: '000', code: 413 } });
    expect(request.byteRange).toEqual({ start: 1, end: toBob.length, total: toBob.length });
  });

  it('of one device that took it is enough', async () => {
    const { house, alice, bob, phone } = await people();
    await using _ = house;
    await alice.say(toBob, parts);
    await phone.respond(await phone.heard(1), 200);
    await bob.respond(await bob.heard(1), 415);
    await alice.bind();
    expect(reports(alice)).toHaveLength(0);
  });

  it('that does not come in time is reported as 408, a local timeout (RFC 4975 §10.4)', async () => {
    const { house, alice } = await people(100);
    await using _ = house;
    await alice.say(toBob, parts);
    expect((await alice.reported(1)).request).toMatchObject({ messageId: 'for-bob-alone', status: { code: 408 } });
  });

  it('is not awaited with Failure-Report partial, which tells of refusals alone', async () => {
    const { house, alice, bob, phone } = await people(100);
    await using _ = house;
    alice.shout(toBob, { ...parts, failureReport: 'partial' });
    expect((await bob.heard(1)).request.failureReport).toBe('partial');
    await phone.heard(1);
    await alice.say(cpim(uriOf('alice'), uriOf('bob'), 'and?'), { messageId: 'the-second-one' });
    expect((await alice.reported(1)).request.messageId).toBe('the-second-one');
  });

  it('is nobody’s business with Failure-Report no', async () => {
    const { house, alice, bob, phone } = await people(100);
    await using _ = house;
    alice.shout(toBob, { ...parts, failureReport: 'no' });
    await bob.respond(await bob.heard(1), 415);
    await phone.respond(await phone.heard(1), 415);
    await alice.say(toBob, { messageId: 'the-second-one' });
    expect((await alice.reported(1)).request.messageId).toBe('the-second-one');
    expect(reports(alice)).toHaveLength(1);
  });
});
