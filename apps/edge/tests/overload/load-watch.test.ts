import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { SimulatedClock, eventually, seededRandom } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { lossOf } from '../../src/overload/load-control.ts';
import { LoadWatch } from '../../src/overload/load-watch.ts';
import { Overload } from '../../src/overload/overload.ts';
import { UdpProbe } from '../../src/overload/udp-probe.ts';

const target = { host: '127.0.0.1', port: 1 };

function watch(
  probe: { send: () => void; delay: (ifLost: number) => number },
  waiting = () => 0,
  thrownAway = () => 0,
  fill = (): number | undefined => undefined,
  letIn: (part: number) => boolean = () => false,
) {
  const clock = new SimulatedClock();
  const overload = new Overload({ clock, random: seededRandom(1), target: 200 });
  const watching = new LoadWatch({
    clock,
    overload,
    probe,
    fill,
    letIn,
    target,
    delay: 200,
    waiting,
    mostWaiting: 1_000,
    thrownAway,
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
    using watched = watch({ send: () => {}, delay: () => 300 });
    watched.clock.advance(2_000);
    expect(watched.overload.current.level).toBeGreaterThan(0);
  });

  it('sees requests that wait for others', () => {
    using watched = watch({ send: () => {}, delay: () => 0 }, () => 2_000);
    watched.clock.advance(2_000);
    expect(watched.overload.current.level).toBeGreaterThan(0);
  });

  it('does not take a queue that a flood fills for too many requests', () => {
    using watched = watch(
      { send: () => {}, delay: (ifLost) => ifLost },
      () => 0,
      () => 1_000,
    );
    watched.clock.advance(10_000);
    expect(watched.overload.current.level).toBe(0);
  });

  it('sees a queue of the kernel that is more than half full, or has thrown something away', () => {
    for (const [taken, sees] of [
      [0.4, false],
      [0.8, true],
      [2, true],
    ] as const) {
      using watched = watch(
        { send: () => {}, delay: () => 0 },
        () => 0,
        () => 0,
        () => taken,
      );
      watched.clock.advance(2_000);
      expect(watched.overload.current.level > 0).toBe(sees);
    }
  });

  it('has the kernel let in less while its queue is too full, and all again once there is room', () => {
    let taken = 0.9;
    const parts: number[] = [];
    using watched = watch(
      { send: () => {}, delay: () => 0 },
      () => 0,
      () => 0,
      () => taken,
      (part) => parts.push(part) > 0,
    );
    watched.clock.advance(300);
    expect(parts.at(-1)).toBeLessThan(0.5);
    taken = 0.1;
    watched.clock.advance(3_000);
    expect(parts.at(-1)).toBe(1);
  });

  it('refuses what keeps up sessions only when the kernel lets in next to nothing else and its queue is full still', () => {
    for (const [thins, taken, keeps] of [
      [true, 0.7, true],
      [true, 0.9, false],
      [false, 0.7, false],
    ] as const) {
      using watched = watch(
        { send: () => {}, delay: () => 0 },
        () => 0,
        () => 0,
        () => taken,
        () => thins,
      );
      watched.clock.advance(20_000);
      expect(lossOf(watched.overload.current, 'kept') === 0).toBe(keeps);
      expect(lossOf(watched.overload.current, 'message') < 0.5).toBe(keeps);
    }
  });

  it('takes the queue as it is where the kernel can keep nothing out: what was thrown away once is soon over', () => {
    let taken = 2;
    using watched = watch(
      { send: () => {}, delay: () => 0 },
      () => 0,
      () => 0,
      () => taken,
    );
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
    using watched = watch(
      { send: () => {}, delay: () => 0 },
      () => 0,
      () => 0,
      () => {
        looks++;
        return taken;
      },
    );
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
    using watched = watch({ send: () => {}, delay: () => 0 });
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
