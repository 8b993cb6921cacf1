import { decodeUtf8 } from '@parley/prelude';
import { serialise } from '@parley/sip';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import { startPhone } from './support/phone.ts';
import type { Phone } from './support/phone.ts';
import { joinByHand } from './support/raw-guest.ts';
import type { RawGuest } from './support/raw-guest.ts';

const room = 'sip:chatroom22@chat.localhost';
const hello = `To: <${room};transport=tcp>
From: <sip:alice@localhost>
DateTime: 2009-03-02T15:02:31-03:00

Content-Type: text/plain

Hello guys, how are you today?`;
const helloBob = `To: <sip:bob@localhost>
From: <sip:alice@localhost>
DateTime: 2009-03-02T15:02:31-03:00

Content-Type: text/plain

Hello Bob.`;

/** A body as it stands on the wire. */
const octets = (text: string): string => text.replaceAll('\n', '\r\n');

const countOf = (text: string, part: string): number => text.split(part).length - 1;

// The examples print a CPIM message without the blank line behind its headers (RFC 3862 §2), and in RFC 7701 §9.5 both
// chunks end with "$" in one transaction; here they are as they are meant.
describe.each([
  { dialect: 'draft-03', section: 'draft-ietf-simple-chat-03 §9', taken: '423', phrase: 'Nickname usage failed' },
  { dialect: 'rfc7701', section: 'RFC 7701 §9', taken: '425', phrase: 'Nickname reserved or already in use' },
])('The examples of $section, on the wire', ({ dialect, taken, phrase }) => {
  const house = new AsyncDisposableStack();
  let phones: Phone[];
  let alice: RawGuest;
  let bob: RawGuest;
  let charlie: RawGuest;

  beforeAll(async () => {
    const { ports } = house.use(await startParley({ PARLEY_CHAT_DIALECT: dialect }));
    const come = async (name: string, host: string): Promise<readonly [Phone, RawGuest]> => {
      const phone = house.use(await startPhone(ports, name));
      return [phone, house.use(await joinByHand(phone, 'chatroom22', { host }))];
    };
    const people = [
      await come('alice', 'client.atlanta.example.com'),
      await come('bob', 'client.biloxi.example.com'),
      await come('carol', 'client.chicago.example.com'),
    ] as const;
    phones = people.map(([phone]) => phone);
    [[, alice], [, bob], [, charlie]] = people;
  });
  afterAll(() => house.disposeAsync());

  it('§9.1, joining: the answer wants the wrapper, takes anything in it, and says what the room allows', () => {
    const { answer, call } = alice;
    expect(answer).toMatch(/^m=message \d+ TCP\/MSRP \*\r$/m);
    expect(answer).toMatch(/^a=accept-types:message\/cpim\r$/m);
    expect(answer).toMatch(/^a=accept-wrapped-types:(?:.* )?\*\r$/m);
    expect(answer).toMatch(/^a=path:msrp:\/\/127\.0\.0\.1:\d+\/[^ ]+;tcp\r$/m);
    expect(answer).toMatch(/^a=chatroom:nicknames? ?.*private-messages/m);
    expect(JSON.stringify(call.dialog.remoteTarget)).toContain('chatroom22');
  });

  it(`§9.2, a nickname: the first is in use, ${taken}; the second is accepted, 200`, async () => {
    bob.send('MSRP b93kswow NICKNAME\nUse-Nickname: "Alice the great"\n-------b93kswow$\n');
    await bob.gets(/MSRP b93kswow 200/);
    alice.send('MSRP d93kswow NICKNAME\nUse-Nickname: "Alice the great"\n-------d93kswow$\n');
    const { theirs, ours } = alice;
    const [answer] = await alice.gets(/MSRP d93kswow [^]*?-------d93kswow\$/);
    expect(answer.split('\r\n')).toEqual([
      expect.stringContaining(`MSRP d93kswow ${taken} ${phrase}`),
      `To-Path: ${ours}`,
      `From-Path: ${theirs}`,
      '-------d93kswow$',
    ]);
    alice.send('MSRP 09swk2d NICKNAME\nUse-Nickname: "Alice in wonderland"\n-------09swk2d$\n');
    await alice.gets(/MSRP 09swk2d 200 OK/);
  });

  it('§9.3, a regular message: 200 to the sender, and a copy to each of the others, unmodified', async () => {
    alice.send(
      `MSRP 3490visdm SEND\nMessage-ID: 99s9s2\nByte-Range: 1-*/*\nContent-Type: message/cpim\n\n${hello}\n-------3490visdm$\n`,
    );
    await alice.gets(/MSRP 3490visdm 200 OK/);
    for (const guest of [bob, charlie]) {
      const [copy, transaction = ''] = await guest.gets(/MSRP ([a-z0-9]+) SEND [^]*?how are you today\? -------\1\$/);
      expect(copy).toContain(`SEND\r\nTo-Path: ${guest.ours}\r\nFrom-Path: ${guest.theirs}\r\nMessage-ID: 99s9s2\r\n`);
      expect(copy).toContain(`Content-Type: message/cpim\r\n\r\n${octets(hello)}\r\n`);
      guest.wire.write(
        `MSRP ${transaction} 200 OK\r\nTo-Path: ${guest.theirs}\r\nFrom-Path: ${guest.ours}\r\n-------${transaction}$\r\n`,
      );
    }
    expect(alice.wire.received).not.toContain('how are you today');
  });

  it('§9.4, a private message: only its recipient gets it', async () => {
    alice.send(
      `MSRP 6959ssdf SEND\nMessage-ID: okj3kw\nByte-Range: 1-*/*\nContent-Type: message/cpim\n\n${helloBob}\n-------6959ssdf$\n`,
    );
    await alice.gets(/MSRP 6959ssdf 200 OK/);
    const [copy] = await bob.gets(/MSRP [a-z0-9]+ SEND To-Path: [^]*?Message-ID: okj3kw[^]*?Hello Bob\. -------/);
    expect(copy).toContain(octets(helloBob));
    // What is said to all afterwards comes behind it.
    alice.send(
      `MSRP 3490vise SEND\nMessage-ID: 99s9s3\nByte-Range: 1-*/*\nContent-Type: message/cpim\n\n${hello}\n-------3490vise$\n`,
    );
    await charlie.gets(/Message-ID: 99s9s3/);
    expect(charlie.wire.received).not.toContain('Hello Bob');
  });

  it('§9.5 of RFC 7701, in two chunks: the switch waits for all of the CPIM headers', async () => {
    const whole = octets(helloBob);
    const cut = whole.indexOf('DateTime');
    const chunk = (transaction: string, range: string, body: string, flag: string): string =>
      `MSRP ${transaction} SEND\nMessage-ID: aft4to\nByte-Range: ${range}/${whole.length}\n` +
      `Content-Type: message/cpim\n\n${body.replaceAll('\r\n', '\n')}\n-------${transaction}${flag}\n`;
    alice.send(chunk('7443ruls', '1-*', whole.slice(0, cut), '+'));
    await alice.gets(/MSRP 7443ruls 200/);
    expect(bob.wire.received).not.toContain('aft4to');
    alice.send(chunk('7444ruls', `${cut + 1}-${whole.length}`, whole.slice(cut), '$'));
    const [copy] = await bob.gets(/Message-ID: aft4to[^]*?Hello Bob\. -------/);
    expect(copy).toContain(whole);
    expect(countOf(charlie.wire.received, 'aft4to')).toBe(0);
  });

  it('§9.5 of the draft, an anonymous URI: REGISTER at the chat domain gives pub-gruu and temp-gruu', async () => {
    const [phone] = phones;
    const instance = '+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"';
    const response = await phone?.agent.request({
      method: 'REGISTER',
      uri: room,
      toUri: 'sip:alice@localhost',
      fields: [
        ['Supported', 'gruu'],
        ['Contact', `<sip:alice@client.atlanta.example.com;transport=tcp>;${instance}`],
      ],
    });
    expect(response?.statusCode).toBe(200);
    const contact = response === undefined ? '' : decodeUtf8(serialise(response));
    expect(contact).toMatch(/;pub-gruu="sip:[^"]*;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"/);
    const [, temporary = ''] = /;temp-gruu="([^"]*)"/.exec(contact) ?? [];
    expect(temporary).toMatch(/^sip:[^@]+@chat\.localhost;gr$/);
    expect(temporary).not.toContain('alice');
  });

  it('§9.6 of RFC 7701, the nicknames in a conference information document', async () => {
    const [phone] = phones;
    let document = '';
    const accept = 'application/conference-info+xml';
    const subscription = await phone?.agent.subscribe(room, { event: 'conference', accept }, ({ body }) => {
      if (body.length > 0) document = decodeUtf8(body);
    });
    await eventually(() => {
      expect(document).toMatch(/<(?:\w+:)?user [^>]*entity="sip:bob@localhost"[^>]*nickname="Alice the great"/);
      expect(document).toMatch(/<(?:\w+:)?user [^>]*entity="sip:alice@localhost"[^>]*nickname="Alice in wonderland"/);
    });
    await subscription?.unsubscribe();
  });
});
