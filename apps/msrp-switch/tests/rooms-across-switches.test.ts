import { createMemoryBroker } from '@parley/bus';
import type { MemoryBroker } from '@parley/bus';
import { instanceSubject, media, rpc } from '@parley/contracts';
import type { msrpSwitch } from '@parley/contracts';
import { systemClock } from '@parley/service';
import { eventually } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { House, room, uriOf } from './support/house.ts';
import { cpim } from './support/peer.ts';
import type { Peer } from './support/peer.ts';

type Participant = Peer & { session: string };

describe('A room on two switches', () => {
  let broker: MemoryBroker;
  let here: House;
  let there: House;
  let alice: Participant;
  let bob: Participant;

  const open = (instance: string): Promise<House> => House.open({ instance, bus: () => broker.connect() });
  const others = (...items: string[]) => ({ switches: { items } });

  beforeEach(async () => {
    broker = createMemoryBroker({ clock: systemClock });
    [here, there] = [await open('here'), await open('there')];
    alice = await here.join('alice');
    bob = await there.join('bob', others('here'));
  });
  afterEach(async () => {
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
  });

  it('is heard as one, both ways, octet for octet', async () => {
    const hello = cpim(uriOf('alice'), room, 'hello');
    expect(await alice.say(hello, { messageId: 'from-here' })).toBe(200);
    const { request, body, flag } = await bob.heard(1);
    expect([request.messageId, request.failureReport, body, flag]).toEqual(['from-here', 'partial', hello, '$']);
    expect(request.byteRange).toEqual({ start: 1, end: hello.length, total: hello.length });
    await bob.say(cpim(uriOf('bob'), room, 'hi'), { messageId: 'from-there' });
    expect((await alice.heard(1)).request.messageId).toBe('from-there');
    expect(bob.sends).toHaveLength(1);
  });

  it('keeps the order of each sender', async () => {
    const count = 200;
    for (let i = 0; i < count; i++)
      alice.shout(cpim(uriOf('alice'), room, `${i}`), { messageId: `number${i}`, failureReport: 'no' });
    await bob.heard(count);
    expect(bob.sends.map(({ request }) => request.messageId)).toEqual(
      Array.from({ length: count }, (_, i) => `number${i}`),
    );
  });

  it('passes chunks on while they come, and a message given up as given up', async () => {
    const whole = cpim(uriOf('alice'), room, 'x'.repeat(100_000));
    const total = whole.length;
    alice.shout(whole.slice(0, 60_000), { messageId: 'large', byteRange: { start: 1, end: 60_000, total } }, '+');
    await eventually(() => {
      expect(bob.sends.at(-1)?.request.messageId).toBe('large');
    });
    alice.shout(whole.slice(60_000), { messageId: 'large', byteRange: { start: 60_001, end: total, total } });
    await eventually(() => {
      expect(bob.sends.at(-1)?.flag).toBe('$');
    });
    expect(bob.sends.map(({ body }) => body).join('')).toBe(whole);
    alice.shout(whole.slice(0, 60_000), { messageId: 'broken', byteRange: { start: 1, end: 60_000, total } }, '+');
    await eventually(() => {
      expect(bob.sends.at(-1)?.request.messageId).toBe('broken');
    });
    alice.socket.destroy();
    await eventually(() => {
      expect(bob.sends.at(-1)?.flag).toBe('#');
    });
  });

  it('has private messages whose reports come back (draft-ietf-simple-chat-03 §6.2)', async () => {
    const carol = await there.join('carol', others('here'));
    const secret = cpim(uriOf('alice'), uriOf('bob'), 'psst');
    expect(await alice.say(secret, { messageId: 'secret', successReport: 'yes' })).toBe(200);
    const received = await bob.heard(1);
    expect(received.request.successReport).toBe('yes');
    bob.report(received, 200);
    const { request: report } = await alice.reported(1);
    expect(report).toMatchObject({ messageId: 'secret', status: { code: 200 } });
    expect(carol.sends).toHaveLength(0);
  });

  it('tells the sender by a REPORT when all devices of the recipient refuse (RFC 4975 §7.1.4)', async () => {
    const phone = await there.join('bob', others('here'));
    const secret = cpim(uriOf('alice'), uriOf('bob'), 'psst');
    expect(await alice.say(secret, { messageId: 'unwanted' })).toBe(200);
    await bob.respond(await bob.heard(1), 415);
    await phone.respond(await phone.heard(1), 413);
    const { request } = await alice.reported(1);
    expect(request).toMatchObject({ messageId: 'unwanted', status: { namespace: '000', code: 413 } });
    expect(request.byteRange).toEqual({ start: 1, end: secret.length, total: secret.length });
  });

  it('sends no more of a message to who refused a part of it (RFC 4975 §10.5)', async () => {
    const whole = cpim(uriOf('alice'), room, 'x'.repeat(10_000));
    const total = whole.length;
    alice.shout(whole.slice(0, 5000), { messageId: 'large', byteRange: { start: 1, end: 5000, total } }, '+');
    const carol = await there.join('carol', others('here'));
    await bob.respond(await bob.heard(1), 413);
    await bob.bind();
    alice.shout(whole.slice(5000), { messageId: 'large', byteRange: { start: 5001, end: total, total } });
    await alice.say(cpim(uriOf('alice'), room, 'next'), { messageId: 'next' });
    await carol.heard(1);
    expect((await bob.heard(2)).request.messageId).toBe('next');
  });

  it('MUST report 427 for one who is on neither, and for one who has left the other', async () => {
    await alice.say(cpim(uriOf('alice'), uriOf('nobody'), 'psst'));
    expect((await alice.reported(1)).request.status?.code).toBe(427);
    await there.command({ kind: 'close', value: { session: bob.session, reason: '' } });
    await alice.say(cpim(uriOf('alice'), uriOf('bob'), 'psst'));
    expect((await alice.reported(2)).request.status?.code).toBe(427);
  });

  it.each([
    ['draft-03', 427],
    ['rfc7701', 404],
  ])('reports a recipient who has left meanwhile in its own dialect: %s, %i', async (dialect, code) => {
    await using strict = await House.open({
      instance: 'strict',
      bus: () => broker.connect(),
      environment: { PARLEY_CHAT_DIALECT: dialect },
    });
    await strict.join('dora');
    const other = broker.connect();
    const codes: number[] = [];
    other.subscribe(instanceSubject('msrp-switch', 'other', 'media'), media.MediaBatch, ({ items }) => {
      for (const { news } of items) if (news?.kind === 'report') codes.push(news.value.code);
    });
    await other.flush();
    const begun = { session: 'ghost', to: ['left'], messageId: 'too-late', contentType: 'message/cpim', fields: [] };
    const body = Buffer.from(cpim(uriOf('ghost'), uriOf('erin'), 'psst'));
    const chunk = { stream: 1, begun, start: 1, total: body.length, body, flag: '$' };
    const items = [{ room, news: { kind: 'chunk', value: chunk } as const }];
    const subject = instanceSubject('msrp-switch', 'strict', 'media');
    other.publish(subject, media.MediaBatch, { from: 'other', items, sent: 1, taken: 0 });
    await eventually(() => {
      expect(codes).toEqual([code]);
    });
    await other.drain();
  });

  it('tells a third switch of the second', async () => {
    await using third = await open('third');
    const dora = await third.join('dora', others('here'));
    await dora.say(cpim(uriOf('dora'), room, 'hello all'), { messageId: 'to-all' });
    expect((await alice.heard(1)).request.messageId).toBe('to-all');
    expect((await bob.heard(1)).request.messageId).toBe('to-all');
  });

  it('forgets the members of a switch that died without a word', async () => {
    const dead = broker.connect();
    const subject = instanceSubject('msrp-switch', 'dead', 'sessions');
    const served = dead.serve(subject, rpc.sessions, (): msrpSwitch.SwitchReply => ({
      outcome: { kind: 'joined', value: { switches: [] } },
    }));
    await dead.flush();
    await here.join('eve', others('dead'));
    const member = { session: 'ghost', uris: [uriOf('ghost')], takesPrivate: true };
    const news = { room, news: { kind: 'came', value: member } } as const;
    const batch = { from: 'dead', items: [news], sent: 0, taken: 0 };
    dead.publish(instanceSubject('msrp-switch', 'here', 'media'), media.MediaBatch, batch);
    await dead.flush();
    const toGhost = cpim(uriOf('alice'), uriOf('ghost'), 'psst');
    expect(await alice.say(toGhost)).toBe(200);
    await served.stop();
    await eventually(
      async () => {
        await alice.say(toGhost);
        expect(alice.requests.map(({ request }) => request.status?.code)).toContain(427);
      },
      { within: 60_000 },
    );
  });

  it('is one again with a switch that was thought to be gone, once it speaks', async () => {
    const slow = broker.connect();
    const heard: media.HubNews[] = [];
    let joins = 0;
    slow.serve(
      instanceSubject('msrp-switch', 'slow', 'sessions'),
      rpc.sessions,
      ({ command }): msrpSwitch.SwitchReply => {
        if (command?.kind === 'joinHub') joins++;
        return { outcome: { kind: 'joined', value: { switches: [] } } };
      },
    );
    slow.subscribe(instanceSubject('msrp-switch', 'slow', 'media'), media.MediaBatch, ({ items }) => {
      heard.push(...items);
    });
    await slow.flush();
    const begun = { session: 'ghost', to: [], messageId: 'from-slow', contentType: 'message/cpim', fields: [] };
    const body = Buffer.from(cpim(uriOf('ghost'), room, 'here I am'));
    const chunk = { stream: 1, begun, start: 1, total: body.length, body, flag: '$' };
    const batch = {
      from: 'slow',
      items: [{ room, news: { kind: 'chunk', value: chunk } as const }],
      sent: 1,
      taken: 0,
    };
    slow.publish(instanceSubject('msrp-switch', 'here', 'media'), media.MediaBatch, batch);
    expect((await alice.heard(1)).request.messageId).toBe('from-slow');
    await eventually(() => {
      expect(joins).toBe(1);
    });
    await alice.say(cpim(uriOf('alice'), room, 'welcome back'));
    await eventually(() => {
      expect(heard.map(({ news }) => news?.kind)).toEqual(['roster', 'came', 'chunk']);
    });
    await slow.drain();
  });

  it('breaks off what another switch had begun to say when that begins anew: a part may be lost (RFC 4975 §7.1.1)', async () => {
    const other = broker.connect();
    const say = (news: media.HubNewsNews): void => {
      const batch = { from: 'other', items: [{ room, news }], sent: 0, taken: 0 };
      other.publish(instanceSubject('msrp-switch', 'here', 'media'), media.MediaBatch, batch);
    };
    const begun = { session: 'ghost', to: [], messageId: 'with-a-hole', contentType: 'message/cpim', fields: [] };
    const body = Buffer.from(cpim(uriOf('ghost'), room, 'the beginning'));
    say({ kind: 'roster', value: {} });
    say({ kind: 'chunk', value: { stream: 7, begun, start: 1, total: 9999, body, flag: '+' } });
    expect((await alice.heard(1)).flag).toBe('+');
    say({ kind: 'roster', value: {} });
    const { request, flag } = await alice.heard(2);
    expect([request.messageId, flag]).toEqual(['with-a-hole', '#']);
    await other.drain();
  });

  it('goes on here when the other switch is gone, and is one again when it is back', async () => {
    await there[Symbol.asyncDispose]();
    const carol = await here.join('carol');
    await alice.say(cpim(uriOf('alice'), room, 'still here'), { messageId: 'alone' });
    expect((await carol.heard(1)).request.messageId).toBe('alone');
    there = await open('there');
    const again = await there.join('bob', others('here'));
    await alice.say(cpim(uriOf('alice'), room, 'together'), { messageId: 'together' });
    expect((await again.heard(1)).request.messageId).toBe('together');
  });
});
