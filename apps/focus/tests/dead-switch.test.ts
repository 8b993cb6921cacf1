import { createMemoryBroker } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import { parseSdp } from '@parley/sdp';
import { readRaw } from '@parley/sip';
import { eventually, testContext } from '@parley/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { startFocus } from '../src/service.ts';
import { invite } from './messages.ts';
import { command, sip, startEdge, startSwitch } from './peers.ts';
import { quickClock } from './quick-clock.ts';

describe('a focus and its switches', () => {
  const broker = createMemoryBroker({ clock: quickClock });
  const bus = broker.connect();
  const environment = { PARLEY_LEASE_MS: '60000' };
  const service = startFocus(testContext('focus', { environment, clock: quickClock }), broker.connect());

  const ask = (room: string, value: Parameters<typeof command>[2]): ReturnType<typeof command> =>
    command(bus, room, value, undefined, quickClock);

  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await bus.drain();
  });

  it('offers the participants of a dead switch a path at a living one, and lets go whom nobody takes', async () => {
    const room = 'sip:shaky@chat.localhost';
    const edge = startEdge(bus, 'e1');
    await ask(room, { kind: 'create', value: { policy: undefined } });
    const dying = startSwitch(bus, 'm3');
    await sip(bus, room, invite({ room, user: 'erin' }), { identity: 'sip:erin@localhost', clock: quickClock });
    await dying.die();
    const living = startSwitch(bus, 'm4');
    const joined = await sip(bus, room, invite({ room, user: 'frank' }), {
      identity: 'sip:frank@localhost',
      clock: quickClock,
    });
    expect(joined.statusCode).toBe(200);
    await eventually(() => {
      expect(edge.sent.map(({ request: sent }) => sent.method)).toEqual(['INVITE', 'ACK']);
      expect(
        living
          .of('open')
          .map(({ identity, peerPath }) => [identity, peerPath.length])
          .sort(),
      ).toEqual([
        ['sip:erin@localhost', 0],
        ['sip:frank@localhost', 1],
      ]);
      expect(living.of('change')).toMatchObject([{ terms: { peerPath: ['msrp://127.0.0.1:7654/jshA7weztas;tcp'] } }]);
    });
    const reinvite = unwrap(parseSdp(edge.sent[0]?.request.body ?? new Uint8Array()));
    expect(reinvite.media).toHaveLength(1);
    expect(BigInt(reinvite.origin.sessVersion) - BigInt(reinvite.origin.sessId)).toBe(1n);
    await living.die();
    await eventually(
      async () => {
        expect(await ask(room, { kind: 'show', value: { identity: '' } })).toMatchObject({
          value: { participants: [] },
        });
      },
      { every: 100 },
    );
    await eventually(() => {
      expect(edge.sent.map(({ request: sent }) => sent.method)).toEqual(['INVITE', 'ACK', 'BYE', 'BYE']);
    });
    await ask(room, { kind: 'delete', value: {} });
  });

  it('answers 503 with Retry-After when no switch can be found, and hands on what a switch refuses', async () => {
    const room = 'sip:alone@chat.localhost';
    const nobody = await sip(bus, room, invite({ room }), { identity: 'sip:alice@localhost', clock: quickClock });
    expect([nobody.statusCode, readRaw(nobody, 'Retry-After')]).toEqual([503, '5']);
    const unwilling = startSwitch(bus, 'm5', { status: 488, phrase: 'No', message: 'no TLS here', retryAfter: 0 });
    const refused = await sip(bus, room, invite({ room }), { identity: 'sip:alice@localhost', clock: quickClock });
    expect(refused.statusCode).toBe(488);
    expect(readRaw(refused, 'Warning')).toContain('no TLS here');
    await unwilling.die();
  });
});
