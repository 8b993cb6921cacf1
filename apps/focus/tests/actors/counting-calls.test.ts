import { shardOf } from '@parley/actor';
import { createMemoryBroker } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { rpc, shardSubject } from '@parley/contracts';
import type { focus } from '@parley/contracts';
import { systemClock as clock } from '@parley/service';
import { describe, expect, it } from 'vitest';
import { CallQuota } from '../../src/actors/call-quota.ts';
import { countCalls, takeCount } from '../../src/actors/counting-calls.ts';

const caller = 'sip:alice@localhost';

/** A bus with a focus that holds the shard of the caller. */
function busWith(answer: (command: focus.FocusCommand) => focus.FocusReply): Bus {
  const broker = createMemoryBroker({ clock });
  broker.connect().serve(shardSubject('focus', shardOf(caller)), rpc.focus, answer);
  return broker.connect();
}

describe('Calls that somebody causes', () => {
  it('are counted for each room, though his clients write the same Call-ID, CSeq, tag and branch to all of them', async () => {
    const quota = new CallQuota();
    const bus = busWith((command) => takeCount(quota, clock, command, { calls: 64 }));
    const granted: boolean[] = [];
    for (const room of ['sip:a@chat.localhost', 'sip:a@chat.localhost', 'sip:b@chat.localhost', 'sip:c@chat.localhost'])
      granted.push((await countCalls({ bus, clock }, { caller, room, commandId: 'same', calls: 64 })).ok);
    expect(granted).toEqual([true, true, true, false]);
  });

  it('are granted by a focus of an earlier version, which knows no room of that name', async () => {
    const value = { status: 404, phrase: 'Not Found', message: 'no room can have this name', retryAfter: 0 };
    const bus = busWith(() => ({ outcome: { kind: 'refusal', value } }));
    const caused = { caller, room: 'sip:a@chat.localhost', commandId: 'c', calls: 64 };
    expect(await countCalls({ bus, clock }, caused)).toMatchObject({ ok: true });
  });
});
