import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { House, openPolicy, room, uriOf } from './support/house.ts';
import { cpim, Peer } from './support/peer.ts';

const pathOf = (name: string): string => `msrp://${name}.example.com:7654/${name};tcp`;

describe('A session of which more is known later', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.open();
  });
  afterAll(() => house[Symbol.asyncDispose]());

  it('belongs to the first who knows its session-id where no path was said, until the answer says one (RFC 4975 §5.4)', async () => {
    const offer = await house.offer('early', { peerPath: [] });
    const fromPath = pathOf('early');
    const early = house.adopt(await Peer.connect(offer.toPath, fromPath));
    expect(await early.bind()).toBe(200);
    const other = house.adopt(await Peer.connect(offer.toPath, pathOf('other')));
    expect(await other.bind()).toBe(481);
    const terms = house.openCommand('early', { peerPath: [fromPath] });
    expect(await house.command({ kind: 'change', value: { session: offer.session, terms } })).toMatchObject({
      kind: 'done',
    });
    expect(await early.say(cpim(uriOf('early'), room, 'hello'))).toBe(200);
  });

  it('that is on hold hears nothing until it is resumed (RFC 3264 §8.4)', async () => {
    const [talker, held] = [await house.join('talker'), await house.join('held', { peerPath: [pathOf('held')] })];
    const change = async (paused: boolean): Promise<void> => {
      const terms = house.openCommand('held', { peerPath: [pathOf('held')], paused });
      await house.command({ kind: 'change', value: { session: held.session, terms } });
    };
    await change(true);
    await talker.say(cpim(uriOf('talker'), room, 'unheard'));
    await change(false);
    await talker.say(cpim(uriOf('talker'), room, 'heard'));
    expect((await held.heard(1)).body).toContain('heard');
    expect(held.sends[0]?.body).not.toContain('unheard');
  });

  it('speaks to all of a moderated room once it is a speaker, and hears 403 before', async () => {
    const hub = { ...openPolicy, moderated: true };
    const mute = await house.join('mute', { peerPath: [pathOf('mute')], hub });
    const hello = cpim(uriOf('mute'), room, 'hello');
    expect(await mute.say(hello)).toBe(403);
    expect(await mute.say(cpim(uriOf('mute'), uriOf('talker'), 'psst'))).toBe(200);
    const terms = house.openCommand('mute', { peerPath: [pathOf('mute')], speaker: true, hub });
    await house.command({ kind: 'change', value: { session: mute.session, terms } });
    expect(await mute.say(hello)).toBe(200);
  });

  it('cannot be changed when it is gone', async () => {
    const terms = house.openCommand('nobody');
    expect(await house.command({ kind: 'change', value: { session: 'gone', terms } })).toMatchObject({
      kind: 'refusal',
      value: { status: 404 },
    });
  });
});
