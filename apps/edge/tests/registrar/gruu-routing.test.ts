import { field, readAll, readRaw } from '@parley/sip';
import { unwrap } from '@parley/prelude';
import type { SipResponse } from '@parley/sip';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';
import { serveFocus, sipAnswer } from '../support/fake-services.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const device = (name: string) => `+sip.instance="<urn:uuid:${name}>"`;

/** The GRUUs in the 200 to a REGISTER, of the contact with that instance. */
function gruusIn(answer: SipResponse, name: string) {
  const contacts = unwrap(readAll(answer, field.contact));
  const found = contacts.find((contact) => contact !== '*' && contact.instance === `urn:uuid:${name}`);
  return found === undefined || found === '*' ? {} : { pub: found.pubGruu, temp: found.tempGruu };
}

function register(phone: Phone, name: string, ...fields: string[]) {
  return phone.register(`${phone.contact};${device(name)};expires=600`, ['Supported: gruu', ...fields]);
}

describe('Globally routable user agent URIs (RFC 5627)', () => {
  let edge: TestEdge;
  beforeAll(async () => {
    edge = await startTestEdge();
  });
  afterAll(() => edge[Symbol.asyncDispose]());

  it('MUST be in the 200 for who supports them, a new temporary one at each REGISTER (§5.2)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    const first = gruusIn(await register(alice, 'a'), 'a');
    expect(first.pub).toBe('sip:alice@localhost;gr=urn:uuid:a');
    expect(first.temp).toMatch(/^sip:tgruu\.[\w-]+@localhost;gr$/);
    const second = gruusIn(await register(alice, 'a'), 'a');
    expect([second.pub, second.temp === first.temp]).toEqual([first.pub, false]);
    const without = await alice.register(`${alice.contact};${device('a')}`);
    expect([without.statusCode, readRaw(without, 'Contact')?.includes('gruu')]).toEqual([200, false]);
  });

  it('reach that device alone, by the public and by any temporary one; an unknown one is 404 (§6.1)', async () => {
    await using bob = await Phone.udp(edge.port, 'bob');
    await using phone = await Phone.tcp(edge.port, 'alice');
    await using tablet = await Phone.tcp(edge.port, 'alice');
    const { pub = '', temp = '' } = gruusIn(await register(phone, 'a'), 'a');
    await register(tablet, 'b');
    for (const uri of [pub, temp]) {
      const sent = bob.message(uri);
      const got = await phone.incoming();
      expect(got.requestUri).toBe(`sip:alice@${phone.local}`);
      phone.answer(got, 200);
      expect([(await sent).statusCode, tablet.unread]).toEqual([200, 0]);
    }
    for (const uri of [
      'sip:alice@localhost;gr=urn:uuid:other',
      'sip:tgruu.AAAA@localhost;gr',
      'sip:alice@localhost;gr',
    ]) {
      expect((await bob.message(uri)).statusCode).toBe(404);
    }
  });

  it('is answered 480 and not stored while the device is away; its temporary ones are 404 from then on (§5.3, §6.1)', async () => {
    await using bob = await Phone.udp(edge.port, 'bob');
    await using phone = await Phone.tcp(edge.port, 'carol');
    const { pub = '', temp = '' } = gruusIn(await register(phone, 'c'), 'c');
    await phone.register('*', ['Expires: 0']);
    expect([(await bob.message(pub)).statusCode, (await bob.message(temp)).statusCode]).toEqual([480, 404]);
    const again = gruusIn(await register(phone, 'c'), 'c');
    expect(again.pub).toBe(pub);
    expect((await bob.message(temp)).statusCode).toBe(404);
    expect(phone.unread).toBe(0);
  });

  it('carries other methods too: OPTIONS comes to the device (§6.1)', async () => {
    await using bob = await Phone.udp(edge.port, 'bob');
    await using phone = await Phone.tcp(edge.port, 'alice');
    const { temp = '' } = gruusIn(await register(phone, 'o'), 'o');
    const sent = bob.request('OPTIONS', temp);
    const got = await phone.incoming();
    expect(got.method).toBe('OPTIONS');
    phone.answer(got, 200);
    expect((await sent).statusCode).toBe(200);
  });

  it('of a device as contact MUST be refused 403, as any address here is: it would loop (§5.1)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    expect((await alice.register('<sip:alice@localhost;gr=urn:uuid:a>', ['Supported: gruu'])).statusCode).toBe(403);
    expect((await alice.register('<sip:bob@localhost>')).statusCode).toBe(403);
    expect((await alice.register(`<sip:bob@127.0.0.1:${edge.port}>`)).statusCode).toBe(403);
    const ofTls = edge.ports['sips'] ?? 0;
    expect((await alice.register(`<sips:bob@127.0.0.1:${ofTls}>`)).statusCode).toBe(403);
    // Somebody else may have the number of our TLS port for UDP.
    expect((await alice.register(`<sip:alice@127.0.0.1:${ofTls}>;expires=600`)).statusCode).toBe(200);
    await alice.register('*', ['Expires: 0']);
    expect((await alice.register(`<mailto:alice@example.net>;${device('m')}`)).statusCode).toBe(403);
  });
});

describe('REGISTER at the chat domain', () => {
  let edge: TestEdge;
  beforeAll(async () => {
    edge = await startTestEdge();
  });
  afterAll(() => edge[Symbol.asyncDispose]());

  const registerAt = (phone: Phone, uri: string) =>
    phone.request('REGISTER', uri, {
      to: `sip:${phone.user}@localhost`,
      fields: [`Contact: ${phone.contact};${device('r')};expires=600`, 'Supported: gruu'],
    });

  it.each(['sip:library@chat.localhost', 'sip:chat.localhost'])(
    'with %s gives GRUUs, the temporary one at the chat domain, and is for rooms alone',
    async (uri) => {
      await using bob = await Phone.udp(edge.port, 'bob');
      await using alice = await Phone.tcp(edge.port, 'alice');
      const answer = await registerAt(alice, uri);
      const { pub, temp = '' } = gruusIn(answer, 'r');
      expect([answer.statusCode, pub]).toEqual([200, 'sip:alice@localhost;gr=urn:uuid:r']);
      expect(temp).toMatch(/^sip:tgruu\.[\w-]+@chat\.localhost;gr$/);
      const elsewhere = await alice.request('REGISTER', 'sip:localhost', { to: 'sip:alice@localhost' });
      expect(readRaw(elsewhere, 'Contact')).toBeUndefined();
      expect((await bob.message(temp)).statusCode).toBe(480);
      expect((await bob.message('sip:alice@localhost', 'for a device')).statusCode).toBe(202);
      expect(alice.unread).toBe(0);
      const options = bob.request('OPTIONS', temp);
      alice.answer(await alice.incoming(), 200);
      expect((await options).statusCode).toBe(200);
    },
  );

  it('lets a participant be known by the temporary GRUU in Contact or From, and by nothing else', async () => {
    const aliases: (string | undefined)[] = [];
    serveFocus(edge.bus, ({ command }) => {
      if (command?.kind !== 'sip') throw new Error('expected SIP');
      aliases.push(command.value.alias);
      return { outcome: sipAnswer(command.value, 486) };
    });
    await using alice = await Phone.tcp(edge.port, 'alice');
    const { temp = '' } = gruusIn(await registerAt(alice, 'sip:library@chat.localhost'), 'r');
    const invite = async (from: string, contact: string) => {
      const instead = { From: `<${from}>;tag=${aliases.length}` };
      const first = await alice.request('INVITE', 'sip:library@chat.localhost', {
        instead,
        fields: [`Contact: <${contact}>`],
      });
      return first.statusCode;
    };
    expect(await invite('sip:alice@localhost', temp)).toBe(486);
    expect(await invite(temp, `sip:alice@${alice.local}`)).toBe(486);
    expect(await invite('sip:alice@localhost', `sip:alice@${alice.local}`)).toBe(486);
    expect(aliases).toEqual([temp, temp, undefined]);
    await using bob = await Phone.tcp(edge.port, 'bob');
    const stolen = await bob.request('INVITE', 'sip:library@chat.localhost', {
      instead: { From: `<${temp}>;tag=b` },
      fields: [`Contact: ${bob.contact}`],
    });
    expect(stolen.statusCode).toBe(403);
  });
});

describe('Caller preferences on the wire (RFC 3840, RFC 3841)', () => {
  let edge: TestEdge;
  beforeAll(async () => {
    edge = await startTestEdge();
  });
  afterAll(() => edge[Symbol.asyncDispose]());

  it('keeps feature tags, and sends a message neither to a device without MESSAGE nor to its mailbox', async () => {
    await using bob = await Phone.udp(edge.port, 'bob');
    await using caller = await Phone.tcp(edge.port, 'alice');
    await using texter = await Phone.tcp(edge.port, 'alice');
    const tags = 'audio;methods="INVITE,ACK,BYE,CANCEL";+g.example="x"';
    const answer = await caller.register(`${caller.contact};${device('calls')};${tags}`);
    expect(readRaw(answer, 'Contact')).toContain(tags);
    await texter.register(`${texter.contact};${device('texts')}`);
    const sent = bob.message('sip:alice@localhost');
    texter.answer(await texter.incoming(), 200);
    expect((await sent).statusCode).toBe(200);
    await caller.register(`${caller.contact};${device('calls')};${tags};expires=0`);
    await caller.register(`${caller.contact};${device('calls')};${tags}`);
    expect(caller.unread).toBe(0);
  });

  it('goes to the device that the sender asks for, and to nobody when there is none: 480, and nothing kept', async () => {
    await using bob = await Phone.udp(edge.port, 'bob');
    await using phone = await Phone.tcp(edge.port, 'carol');
    await using desk = await Phone.tcp(edge.port, 'carol');
    await phone.register(`${phone.contact};${device('p')};mobility="mobile"`);
    await desk.register(`${desk.contact};${device('d')};mobility="fixed"`);
    const wish = (value: string) => ['Accept-Contact: *;mobility="' + value + '";require;explicit'];
    const sent = bob.message('sip:carol@localhost', 'hi', wish('fixed'));
    desk.answer(await desk.incoming(), 200);
    expect((await sent).statusCode).toBe(200);
    expect((await bob.message('sip:carol@localhost', 'hi', wish('orbital'))).statusCode).toBe(480);
    const alone = bob.message('sip:carol@localhost', 'hi', ['Request-Disposition: no-fork']);
    const got = await Promise.race([phone.incoming(), desk.incoming()]);
    (got.requestUri.includes(phone.local) ? phone : desk).answer(got, 200);
    expect((await alone).statusCode).toBe(200);
    expect(phone.unread + desk.unread).toBe(0);
  });
});
