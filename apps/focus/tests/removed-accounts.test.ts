import { createMemoryBroker } from '@parley/bus';
import { accountKey, buckets, edge } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { eventually, testContext } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { startFocus } from '../src/service.ts';
import { invite } from './messages.ts';
import { command, sip, startEdge, startSwitch, takesAll } from './peers.ts';

const room = 'sip:tea@chat.localhost';

describe('An account that is removed while no focus is there', () => {
  it('has left its rooms once one is, with a BYE; its successor of the same name may join', async () => {
    const broker = createMemoryBroker({ clock: systemClock });
    const bus = broker.connect();
    const environment = { PARLEY_LEASE_MS: '60000' };
    const start = () => startFocus(testContext('focus', { environment }), broker.connect());
    startSwitch(bus, 'm1');
    const device = startEdge(bus, 'e1', takesAll);
    const join = (user: string): Promise<{ readonly statusCode: number }> =>
      sip(bus, room, invite({ room, user }), { identity: `sip:${user}@localhost` });
    const members = async (): Promise<readonly string[]> => {
      const shown = await command(bus, room, { kind: 'show', value: { identity: '' } });
      return shown?.kind === 'room' ? shown.value.participants.map(({ uri }) => uri).sort() : [];
    };
    {
      await using _ = start();
      for (const user of ['alice', 'zoe']) expect((await join(user)).statusCode).toBe(200);
    }
    const removed = bus.bucket(buckets.removedAccounts, edge.RemovedAccount);
    unwrap(await removed.put(accountKey('zoe'), { name: 'zoe', removedAt: systemClock.wallTime() }));
    {
      await using _ = start();
      await eventually(async () => {
        expect(await members()).toEqual(['sip:alice@localhost']);
        expect(device.sent.map(({ request }) => request.method)).toEqual(['BYE']);
      });
      await eventually(async () => {
        expect(
          (await sip(bus, room, invite({ room, user: 'zoe', cSeq: 9 }), { identity: 'sip:zoe@localhost' })).statusCode,
        ).toBe(200);
      });
    }
    await using _ = start();
    await eventually(async () => {
      expect(await members()).toEqual(['sip:alice@localhost', 'sip:zoe@localhost']);
    });
    await bus.drain();
  });
});
