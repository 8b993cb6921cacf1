import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { SimulatedClock, eventually, seededRandom } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { lossOf } from '../../src/overload/load-control.ts';
import { LoadWatch } from '../../src/overload/load-watch.ts';
import type { LoadWatchOptions } from '../../src/overload/load-watch.ts';
import { Overload } from '../../src/overload/overload.ts';
import { UdpProbe } from '../../src/overload/udp-probe.ts';

const target = { host: '127.0.0.1', port: 1 };

/** A clock whose tasks run late. */
class LateClock extends SimulatedClock {
  private lateness = 0;

  override now(): number {
    return super.now() + this.lateness;
  }

  /** Runs what falls due in 100 ms, so many milliseconds too late. */
  wakeUpLate(late: number): void {
    this.lateness += late;
    this.advance(100);
  }
}

function watch(measured: Partial<LoadWatchOptions> = {}, clock = new SimulatedClock()) {
  const overload = new Overload({ clock, random: seededRandom(1), target: 200 });
  const watching = new LoadWatch({
    clock,
    overload,
    probe: { send() {}, delay: () => 0, isUnderway: false },
    idle: () => 0,
    inStreams: () => 0,
    fill: () => undefined,
    letIn: () => false,
    target,
    delay: 200,
    waiting: () => 0,
    mostWaiting: 1_000,
    thrownAway: () => 0,
    ...measured,
  });
  return {
    clock,
    overload,
    [Symbol.dispose]: () => {
      watching[Symbol.dispose]();
    },
  };
}

describe('The watch over the load', () => {
  it('sees datagrams that wait', () => {
    using watched = watch({ probe: { send() {}, delay: () => 300, isUnderway: false } });
    watched.clock.advance(2_000);
    expect(watched.overload.current.level).toBeGreaterThan(0);
  });

  it('sees octets of connections that wait, which is nothing to datagrams', () => {
    using watched = watch({ inStreams: () => 300, fill: () => 0 });
    watched.clock.advance(10_000);
    expect(watched.overload.feedback().loss).toBeGreaterThan(0);
    expect(watched.overload.shedsDatagrams).toBe(false);
  });

  it('counts being late where there is always something to do, and not where the process does not get to run', () => {
    for (const [idles, sees] of [
      [0, true],
      [300, false],
    ] as const) {
      let idle = 0;
      const clock = new LateClock();
      using watched = watch({ idle: () => idle }, clock);
      for (let i = 0; i < 100; i++) {
        idle += idles;
        clock.wakeUpLate(400);
      }
      expect(watched.overload.feedback().loss > 0).toBe(sees);
    }
  });

  it('sees requests that wait for others', () => {
    using watched = watch({ waiting: () => 2_000 });
    watched.clock.advance(2_000);
    expect(watched.overload.current.level).toBeGreaterThan(0);
  });

  it('does not take a queue that a flood fills for too many requests', () => {
    using watched = watch({
      probe: { send() {}, delay: (ifLost) => ifLost, isUnderway: false },
      thrownAway: () => 1_000,
    });
    watched.clock.advance(10_000);
    expect(watched.overload.current.level).toBe(0);
  });

  it('sees a queue of the kernel that is more than half full, or has thrown something away', () => {
    for (const [taken, sees] of [
      [0.4, false],
      [0.8, true],
      [2, true],
    ] as const) {
      using watched = watch({ fill: () => taken });
      watched.clock.advance(2_000);
      expect(watched.overload.current.level > 0).toBe(sees);
    }
  });

  it('has the kernel let in less while its queue is too full, and all again once there is room', () => {
    let taken = 0.9;
    const parts: number[] = [];
    using watched = watch({ fill: () => taken, letIn: (part) => parts.push(part) > 0 });
    watched.clock.advance(300);
    expect(parts.at(-1)).toBeLessThan(0.5);
    taken = 0.1;
    watched.clock.advance(3_000);
    expect(parts.at(-1)).toBe(1);
  });

  it('has the kernel let in less where its queue, however empty, is slow: what waits for T1 comes again (RFC 3261 §17.1.2.2)', () => {
    const waits = { send() {}, delay: () => 180, isUnderway: false };
    const letInOf = (taken: number): number => {
      let last = 1;
      using watched = watch({ fill: () => taken, probe: waits, letIn: (part) => (last = part) > 0 });
      watched.clock.advance(1_000);
      return last;
    };
    expect(letInOf(0.2)).toBeLessThan(0.1);
    expect(letInOf(0.01)).toBe(1);
  });

  it('refuses what keeps up sessions only when the kernel lets in next to nothing else and its queue is full still', () => {
    for (const [thins, taken, keeps] of [
      [true, 0.7, true],
      [true, 0.9, false],
      [false, 0.7, false],
    ] as const) {
      using watched = watch({ fill: () => taken, letIn: () => thins });
      watched.clock.advance(20_000);
      expect(lossOf(watched.overload.current, 'kept') === 0).toBe(keeps);
      expect(lossOf(watched.overload.current, 'message') < 0.5).toBe(keeps);
    }
  });

  it('takes the queue as it is where the kernel can keep nothing out: what was thrown away once is soon over', () => {
    let taken = 2;
    using watched = watch({ fill: () => taken });
    watched.clock.advance(200);
    expect(watched.overload.current.level).toBeGreaterThan(0);
    taken = 0.3;
    watched.clock.advance(400);
    const before = watched.overload.current.level;
    watched.clock.advance(400);
    expect(watched.overload.current.level).toBeLessThan(before);
  });

  it('looks often at a queue that has something in it, and ten times a second at one that has not', () => {
    let taken = 0;
    let looks = 0;
    using watched = watch({
      fill() {
        looks++;
        return taken;
      },
    });
    const looksIn = (time: number): number => {
      looks = 0;
      watched.clock.advance(time);
      return looks;
    };
    watched.clock.advance(1_000);
    expect(looksIn(1_000)).toBe(10);
    taken = 0.3;
    watched.clock.advance(100);
    expect(looksIn(1_000)).toBe(100);
    taken = 0;
    watched.clock.advance(1_000);
    expect(looksIn(1_000)).toBe(10);
  });

  it('sees nothing where nothing waits', () => {
    using watched = watch();
    watched.clock.advance(10_000);
    expect(watched.overload.current).toEqual({ delay: 0, level: 0 });
  });
});

describe('The probe of a UDP port', () => {
  it('knows its own datagrams, how long they took, and that some were lost', async () => {
    let time = 0;
    using probe = new UdpProbe(() => time);
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const came: Buffer[] = [];
    socket.on('message', (datagram) => came.push(datagram));
    for (let i = 0; i < 3; i++) probe.send({ host: '127.0.0.1', port: socket.address().port });
    await eventually(() => {
      expect(came.length).toBe(3);
    });
    time = 40;
    expect(probe.delay(999)).toBe(40);
    expect(probe.take(Buffer.alloc(20))).toBe(false);
    expect(probe.take(came[0] ?? Buffer.alloc(0))).toBe(true);
    time = 50;
    expect(probe.delay(999)).toBe(50);
    expect(probe.take(came[2] ?? Buffer.alloc(0))).toBe(true);
    expect(probe.delay(999)).toBe(999);
    expect(probe.delay(999)).toBe(50);
    expect(probe.take(came[2] ?? Buffer.alloc(0))).toBe(true);
    socket.close();
  });
});
