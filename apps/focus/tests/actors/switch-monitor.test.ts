import { ActorSystem } from '@parley/actor';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import type { Pulse } from '../../src/adapters/switch-client.ts';
import { switchMonitorKind } from '../../src/actors/switch-monitor.ts';

function scene() {
  const clock = new SimulatedClock();
  const gone: (readonly [string, readonly string[]])[] = [];
  const state = { pulse: 'alive' as Pulse, probes: 0 };
  const system = new ActorSystem({ clock, observer: { crashed() {}, deadLetter() {} } });
  const monitors = system.register(
    switchMonitorKind({
      probe: () => {
        state.probes++;
        return Promise.resolve(state.pulse);
      },
      gone: (instance, rooms) => gone.push([instance, rooms]),
    }),
  );
  monitors.tell('m1', { kind: 'Watch', room: 'a' });
  monitors.tell('m1', { kind: 'Watch', room: 'b' });
  return { clock, gone, state, monitors };
}

describe('the monitor of a switch', () => {
  it('says that it is gone when nobody answers twice in a row, within six seconds, once', async () => {
    const { clock, gone, state, monitors } = scene();
    await clock.run(10_000);
    expect(gone).toEqual([]);
    state.pulse = 'gone';
    await clock.run(6000);
    expect(gone).toEqual([['m1', ['a', 'b']]]);
    expect(monitors.size).toBe(0);
    await clock.run(60_000);
    expect(gone).toHaveLength(1);
  });

  it('gives one that is silent a little longer', async () => {
    const { clock, gone, state } = scene();
    state.pulse = 'silent';
    await clock.run(5000);
    expect(gone).toEqual([]);
    await clock.run(2000);
    expect(gone).toHaveLength(1);
  });

  it('does not blame it when NATS is away, nor for one miss', async () => {
    const { clock, gone, state } = scene();
    state.pulse = 'unknown';
    await clock.run(60_000);
    for (let i = 0; i < 5; i++) {
      state.pulse = 'gone';
      await clock.run(2000);
      state.pulse = 'alive';
      await clock.run(2000);
    }
    expect(gone).toEqual([]);
  });

  it('rests when no room has sessions there', async () => {
    const { clock, state, monitors } = scene();
    monitors.tell('m1', { kind: 'Unwatch', room: 'a' });
    monitors.tell('m1', { kind: 'Unwatch', room: 'b' });
    await clock.run(60_000);
    expect(state.probes).toBe(0);
    expect(monitors.size).toBe(0);
  });
});
