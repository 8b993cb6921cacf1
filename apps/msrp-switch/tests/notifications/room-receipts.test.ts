import { createMemoryBus } from '@parley/bus';
import { buckets, receipts } from '@parley/contracts';
import { parsePath } from '@parley/msrp';
import { unwrap } from '@parley/prelude';
import { nodeBytes, systemClock } from '@parley/service';
import { describe, expect, it } from 'vitest';
import type { HubPolicy } from '../../src/hub/hub-policy.ts';
import { Hub } from '../../src/hub/hub.ts';
import { Session } from '../../src/hub/session.ts';
import { MediaAcceptance } from '../../src/message/media-acceptance.ts';
import { RoomReceipts } from '../../src/notifications/room-receipts.ts';
import { room, uriOf } from '../support/house.ts';

const policy: HubPolicy = {
  nicknames: true,
  nicknameScope: 'room',
  privateMessages: true,
  moderated: false,
  hideMembers: false,
  history: 0,
  replay: 0,
  since: 0,
  maxSize: 1000,
  welcome: '',
};

function sessionOf(name: string): Session {
  const terms = {
    ...{ participant: name, identity: uriOf(name), uris: [uriOf(name)], peerPath: undefined, peerMaxSize: Infinity },
    ...{ acceptance: new MediaAcceptance(['*'], []), takesPrivate: true, fingerprints: [], isSpeaker: true },
    ...{ isPaused: false, takesAmendments: false, joinedAt: 0 },
  };
  return new Session(name, new Hub(room, policy), terms, unwrap(parsePath('msrp://switch.invalid:1/s;tcp', 1)));
}

describe('Summaries of what becomes of messages to rooms (REQ-DISNOT-11)', () => {
  it('are as many for one account as everybody can keep, and the next one’s are his own', async () => {
    await using bus = createMemoryBus({ clock: systemClock });
    const parts = { bus, clock: systemClock, codec: nodeBytes, domain: 'localhost', maxSize: 1000, mostOfAccount: 2 };
    using summaries = new RoomReceipts(parts);
    const begin = (name: string, messageId: string): Promise<void> =>
      summaries.open({ session: sessionOf(name), messageId, summarised: ['display'], recipients: [] });
    for (const id of ['m1', 'm2', 'm2', 'm3']) await begin('alice', id);
    await begin('bob', 'm1');
    const bucket = bus.bucket(buckets.receipts, receipts.Receipt);
    const kept = unwrap(await bucket.entries()).map(({ value }) => `${value.account} ${value.messageId}`);
    expect(kept.toSorted()).toEqual(['alice m1', 'alice m2', 'bob m1']);
  });

  it('take what comes to a pseudonym by room and message, unless several gave theirs that id', async () => {
    await using bus = createMemoryBus({ clock: systemClock });
    using summaries = new RoomReceipts({
      bus,
      clock: systemClock,
      codec: nodeBytes,
      domain: 'localhost',
      maxSize: 1000,
    });
    for (const [name, messageId] of [
      ['alice', 'm1'],
      ['alice', 'm2'],
      ['bob', 'm2'],
    ] as const)
      await summaries.open({ session: sessionOf(name), messageId, summarised: ['display'], recipients: [] });
    const tell = (messageId: string): Promise<string> | undefined =>
      summaries.collect(
        'sip:anon7@chat.localhost;gr',
        { messageId, disposition: { type: 'display', status: 'displayed' } },
        sessionOf('carol'),
      );
    expect(await tell('m1')).toBe('stored');
    expect([tell('m2'), tell('m3')]).toEqual([undefined, undefined]);
  });
});
