import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { LostEdges } from '../../src/flows/lost-edges.ts';
import type { Binding } from '../../src/registrar/binding.ts';
import { bindingOf } from '../support/registered.ts';

function scene() {
  const clock = new SimulatedClock();
  const bindings = new Map<string, Binding>([
    ['alice', bindingOf('<sip:a@h>', { key: 'own', edgeInstance: 'e1' })],
    ['bob', bindingOf('<sip:b@h>', { key: 'theirs', edgeInstance: 'e2' })],
    ['carol', bindingOf('<sip:c@h>', { key: 'udp', edgeInstance: 'e2', transport: 'UDP', flow: 'udp:192.0.2.1:1' })],
  ]);
  const alive = new Set(['e1', 'e2']);
  const ended: string[] = [];
  const bus = { state: 'connected' as 'connected' | 'disconnected' };
  const lost = new LostEdges({
    instance: 'e1',
    clock,
    bus,
    edges: { isAlive: (instance) => Promise.resolve(alive.has(instance)) },
    bindings: {
      bindings: () => bindings.entries(),
      end: (names, isOver) => {
        for (const name of names) {
          const binding = bindings.get(name);
          if (binding !== undefined && isOver(binding)) ended.push(binding.key);
        }
        return Promise.resolve(ended.length);
      },
    },
  });
  return { clock, alive, ended, bus, lost };
}

describe('Edges that died without a word', () => {
  it('lose the bindings of their connections once nobody found them twice; those over UDP stay good', async () => {
    const { clock, alive, ended } = scene();
    await clock.run(60_000);
    expect(ended).toEqual([]);
    alive.delete('e2');
    await clock.run(15_000);
    expect(ended).toEqual([]);
    await clock.run(16_000);
    expect(ended).toEqual(['theirs']);
  });

  it('lose nothing when they are back in time, or while NATS is away', async () => {
    const { clock, alive, ended, bus, lost } = scene();
    alive.delete('e2');
    await clock.run(16_000);
    alive.add('e2');
    await clock.run(16_000);
    alive.delete('e2');
    bus.state = 'disconnected';
    await clock.run(120_000);
    expect(ended).toEqual([]);
    lost[Symbol.dispose]();
  });
});
