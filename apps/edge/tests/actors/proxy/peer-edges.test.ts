import { createMemoryBus } from '@parley/bus';
import { instanceSubject, rpc } from '@parley/contracts';
import { noBytes } from '@parley/prelude';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { PeerEdges } from '../../../src/actors/proxy/peer-edges.ts';

describe('which other edges live', () => {
  const clock = new SimulatedClock();
  const bus = createMemoryBus({ clock });
  const edges = new PeerEdges(bus, clock);
  const answer = { outcome: { kind: 'response', value: noBytes } } as const;

  async function find(): Promise<boolean> {
    const found = edges.isAlive('two');
    await clock.run(1000);
    return await found;
  }

  it('believes that one is dead until it is heard of', async () => {
    expect(await find()).toBe(false);
    bus.serve(instanceSubject('edge', 'two', 'egress'), rpc.egress, () => Promise.resolve(answer));
    expect(await find()).toBe(false);
    edges.hears('two');
    expect(await find()).toBe(true);
  });
});
