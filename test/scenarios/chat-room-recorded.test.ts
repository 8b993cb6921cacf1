import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { enterRoom, startPhone } from './support/phone.ts';
import type { Guest, Phone } from './support/phone.ts';
import { joinByHand } from './support/raw-guest.ts';
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
    await converseAtLength(alice, bob, carolsPhone);
  }
  await alice.sees(/^(?![^]*Maid)[^]*Butler/);
}

/** What RFC 4975 has beyond short texts: long messages, reports, refusals, chunks in any order, and messages given up. */
async function converseAtLength(alice: Guest, bob: Guest, phone: Phone): Promise<void> {
  await alice.room.say(`${'A long story. '.repeat(10_000)}The end`, { successReport: 'yes' });
  await bob.hears(`${'A long story. '.repeat(10_000)}The end`);
  await alice.room.sayTo('sip:nobody@localhost', 'Are you there');
  await using byHand = await joinByHand(phone, 'kitchen');
  const head = 'From: <sip:carol@localhost>\nTo: <sip:kitchen@chat.localhost>\n\nContent-Type: text/plain\n\n';
  const whole = `${head}In two parts`.replaceAll('\n', '\r\n');
  const cut = whole.length - 5;
  const chunk = (id: string, range: string, body: string, flag: string): string =>
    `MSRP ${id} SEND\nMessage-ID: two-parts\nByte-Range: ${range}\nContent-Type: message/cpim\n\n` +
    `${body.replaceAll('\r\n', '\n')}\n-------${id}${flag}\n`;
  byHand.send(chunk('last1234', `${cut + 1}-${whole.length}/${whole.length}`, whole.slice(cut), '$'));
  byHand.send(chunk('first123', `1-*/*`, whole.slice(0, cut), '+'));
  await bob.hears('In two parts');
  byHand.send(
    `MSRP given123 SEND\nMessage-ID: given-up\nByte-Range: 1-*/900\nContent-Type: message/cpim\n\n${head}I\n-------given123#\n`,
  );
  byHand.send('MSRP forged12 SEND\nMessage-ID: forged\nContent-Type: text/plain\n\nno wrapper\n-------forged12$\n');
  await byHand.gets(/MSRP forged12 415/);
  byHand.send('MSRP method12 FROBNICATE\n-------method12$\n');
  await byHand.gets(/MSRP method12 501/);
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
    expect(await calls('sip.Method == "INVITE" && sip.auth')).toBe(4);
    expect(await calls('sip.Status-Code == 200 && sip.CSeq.method == "INVITE"')).toBe(4);
    expect(await calls('sip.Method == "BYE"')).toBe(4);
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

  it('has the flags, reports and refusals that were asked for (RFC 4975 §7.1)', async () => {
    const flags = new Set((await recording.frames('msrp.cnt.flg', 'msrp.cnt.flg')).flatMap((line) => line.split(',')));
    expect([...flags].sort()).toEqual(['#', '$', '+']);
    const reports = (await recording.frames('msrp.method == "REPORT"', 'msrp.status')).join('\n');
    expect(reports).toMatch(/000 427/);
    const refusals = (await recording.frames('msrp.status.code >= 400', 'msrp.status.code')).join(',').split(',');
    expect(refusals).toEqual(expect.arrayContaining(['415', '501']));
  });
});
