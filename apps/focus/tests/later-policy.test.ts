import { createMemoryBroker } from '@parley/bus';
import { systemClock } from '@parley/service';
import { eventually, testContext } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { startFocus } from '../src/service.ts';
import { invite } from './messages.ts';
import { command, sip, startEdge, startSwitch } from './peers.ts';

const identity = 'sip:alice@localhost';

/** A room without anybody, whose switch has been asked for a session and has not answered. */
async function joining(room: string) {
  const bus = createMemoryBroker({ clock: systemClock });
  const ours = bus.connect();
  startEdge(ours, 'e1');
  const gate = Promise.withResolvers<undefined>();
  const peer = startSwitch(ours, 'm1', undefined, gate.promise);
  const focus = startFocus(testContext('focus', { environment: { PARLEY_LEASE_MS: '60000' } }), bus.connect());
  const set = (policy: Parameters<typeof command>[2]): ReturnType<typeof command> => command(ours, room, policy);
  await set({ kind: 'create', value: { policy: undefined } });
  const answer = sip(ours, room, invite({ room }), { identity });
  await eventually(() => {
    expect(peer.of('open')).toHaveLength(1);
  });
  return { peer, answer, set, open: gate.resolve, [Symbol.asyncDispose]: () => focus[Symbol.asyncDispose]() };
}

describe('a policy that changes while the first one of a room is on the way in', () => {
  it('is told to the switch that was asked under the one before: who may not speak is not heard', async () => {
    await using here = await joining('sip:closing@chat.localhost');
    await here.set({ kind: 'setPolicy', value: { policy: { members: [], membersPresent: false, moderated: true } } });
    here.open(undefined);
    expect((await here.answer).statusCode).toBe(200);
    await eventually(() => {
      expect(here.peer.of('updateHub').at(-1)?.hub).toMatchObject({ moderated: true });
      expect(here.peer.of('change').at(-1)?.terms).toMatchObject({ speaker: false });
    });
  });

  it('keeps out whom it does not let in: the session is closed again (draft-ietf-simple-chat-03 §5.2)', async () => {
    await using here = await joining('sip:locked@chat.localhost');
    await here.set({
      kind: 'setPolicy',
      value: { policy: { members: [], membersPresent: false, password: 'secret' } },
    });
    here.open(undefined);
    expect((await here.answer).statusCode).toBe(403);
    await eventually(() => {
      expect(here.peer.of('close')).toHaveLength(1);
    });
  });

  it('is no news where nothing changed', async () => {
    await using here = await joining('sip:quiet@chat.localhost');
    here.open(undefined);
    expect((await here.answer).statusCode).toBe(200);
    expect(here.peer.told.map((one) => one.command?.kind)).toEqual(['open']);
  });
});
