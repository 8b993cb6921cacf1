import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { enterRoom, startPhone } from './support/phone.ts';
import { canRecord, record } from './support/recorder.ts';
import type { Recording } from './support/recorder.ts';

/** Three people talk: all to all, one to one, and one leaves. */
async function converse({ ports }: Installation): Promise<void> {
  await using alicesPhone = await startPhone(ports, 'alice');
  await using bobsPhone = await startPhone(ports, 'bob', { protocol: 'UDP' });
  await using carolsPhone = await startPhone(ports, 'carol');
  await using alice = await enterRoom(alicesPhone, 'kitchen', 'Cook');
  await using bob = await enterRoom(bobsPhone, 'kitchen', 'Butler');
  {
    await using carol = await enterRoom(carolsPhone, 'kitchen', 'Maid');
    const everybody = [alice, bob, carol];
    await Promise.all(everybody.map((guest) => guest.sees(/Cook[^]*Butler[^]*Maid/)));

    await alice.room.say('Dinner is ready');
    await Promise.all([bob.hears('Dinner is ready'), carol.hears('Dinner is ready')]);
    await bob.room.sayTo('sip:carol@localhost', 'Bring the wine');
    expect((await carol.hears('Bring the wine')).from.uri).toBe('sip:bob@localhost');
    await carol.room.say('Coming');
    await Promise.all([alice.hears('Coming'), bob.hears('Coming')]);

    expect(alice.heard.map(({ text }) => text)).toEqual(['Coming']);
  }
  await alice.sees(/^(?![^]*Maid)[^]*Butler/);
}

describe.skipIf(!canRecord())('A chat room of three, as tshark sees it', () => {
  let parley: Installation;
  let recording: Recording;

  beforeAll(async () => {
    parley = await startParley();
    recording = await record(parley);
    await converse(parley);
    await recording.stop();
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  it('has no malformed packet', async () => {
    expect(await recording.frames('_ws.malformed', 'frame.number', '_ws.col.Info')).toEqual([]);
  });

  it('has nothing in SIP or MSRP that tshark calls an error', async () => {
    const errors = '(sip || msrp) && (_ws.expert.severity >= "Error" || msrp.status.code.invalid)';
    expect(await recording.frames(errors, 'frame.number', '_ws.expert.message', '_ws.col.Info')).toEqual([]);
  });

  it('joins by INVITE and leaves by BYE (RFC 4579 §5)', async () => {
    const calls = async (filter: string): Promise<number> =>
      new Set(await recording.frames(filter, 'sip.Call-ID')).size;
    expect(await calls('sip.Method == "INVITE" && sip.auth')).toBe(3);
    expect(await calls('sip.Status-Code == 200 && sip.CSeq.method == "INVITE"')).toBe(3);
    expect(await calls('sip.Method == "BYE"')).toBe(3);
  });

  it('shows the nicknames in NOTIFY bodies (RFC 7701 §7.4)', async () => {
    const rosters = await recording.frames('sip.Method == "NOTIFY" && xml', 'xml.attribute');
    for (const nickname of ['Cook', 'Butler', 'Maid']) {
      expect(rosters).toContainEqual(expect.stringMatching(new RegExp(`nickname="${nickname}"`)));
    }
  });

  it('sends every message once to each of the others (RFC 7701 §6.1)', async () => {
    const sends = await recording.frames('msrp.method == "SEND" && msrp.data', 'tcp.dstport', 'msrp.data');
    const saying = (text: string): number =>
      sends.filter((line) => line.includes(Buffer.from(text).toString('hex')) || line.includes(text)).length;
    expect([saying('Dinner is ready'), saying('Bring the wine'), saying('Coming')]).toEqual([3, 2, 3]);
  });
});
