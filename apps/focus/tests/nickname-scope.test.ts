import { createMemoryBroker } from '@parley/bus';
import type { nickname } from '@parley/contracts';
import { systemClock } from '@parley/service';
import { eventually, testContext } from '@parley/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { startFocus } from '../src/service.ts';
import { invite } from './messages.ts';
import { command, sip, startEdge, startNicknames, startSwitch } from './peers.ts';

const policyWith = (more: object) => ({ members: [], membersPresent: false, ...more });

describe('a room whose nicknames become unique elsewhere (RFC 7701 §7)', () => {
  const broker = createMemoryBroker({ clock: systemClock });
  const bus = broker.connect();
  const service = startFocus(testContext('focus', { environment: { PARLEY_LEASE_MS: '60000' } }), broker.connect());
  startSwitch(bus, 'm1');
  startEdge(bus, 'e1');
  const room = 'sip:moving@chat.localhost';
  const here = startNicknames(bus, room);
  const everywhere = startNicknames(bus, 'chat.localhost', ['Butler']);

  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await bus.drain();
  });

  const setPolicy = (more: object) => command(bus, room, { kind: 'setPolicy', value: { policy: policyWith(more) } });
  const said = (told: readonly nickname.NicknameCommand[]) =>
    told.map(({ command: one }) =>
      one?.kind === 'list' || one === undefined ? [] : [one.kind, one.value.holder, one.value.room],
    );
  async function nicknames() {
    const shown = await command(bus, room, { kind: 'show', value: { identity: '' } });
    return shown?.kind === 'room' ? shown.value.participants.map((one) => [one.uri, one.nickname]) : [];
  }

  it('has each reserved in the new scope and let go in the old one; who comes too late has none', async () => {
    for (const user of ['alice', 'bob', 'carol']) {
      await sip(bus, room, invite({ room, user }), { identity: `sip:${user}@localhost`, commandId: user });
    }
    const shown = await command(bus, room, { kind: 'show', value: { identity: '' } });
    const [alice, bob] = shown?.kind === 'room' ? shown.value.participants : [];
    for (const [one, name] of [
      [alice, 'Cook'],
      [bob, 'Butler'],
    ] as const) {
      const value = { participant: one?.id ?? '', nickname: name };
      await command(bus, room, { kind: 'nicknameChanged', value });
    }
    await setPolicy({ nicknameScope: 'domain' });
    await eventually(async () => {
      expect(await nicknames()).toEqual([
        ['sip:alice@localhost', 'Cook'],
        ['sip:bob@localhost', ''],
        ['sip:carol@localhost', ''],
      ]);
      expect(said(everywhere)).toEqual([
        ['reserve', 'sip:alice@localhost', room],
        ['reserve', 'sip:bob@localhost', room],
      ]);
      expect(said(here).toSorted()).toEqual([
        ['release', 'sip:alice@localhost', room],
        ['release', 'sip:bob@localhost', room],
      ]);
    });
  });

  it('goes back as well, and lets those who have to leave at the same time go from where they were', async () => {
    const [before, elsewhere] = [here.length, everywhere.length];
    await setPolicy({ nicknameScope: 'room', banned: { items: ['alice'] } });
    await eventually(() => {
      expect(said(everywhere.slice(elsewhere))).toEqual([['release', 'sip:alice@localhost', room]]);
    });
    expect(here).toHaveLength(before);
    await setPolicy({ nicknameScope: 'room' });
    expect(everywhere).toHaveLength(elsewhere + 1);
  });
});
