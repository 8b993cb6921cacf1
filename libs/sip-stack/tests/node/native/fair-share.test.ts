import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { socketKinds } from '../support.ts';

const native = socketKinds.find((kind) => kind.native !== undefined)?.native;
const octetsCame = 1;

// Without a C compiler there is nothing to be tested.
if (native !== undefined) {
  /** A listener of the add-on that tells, turn by turn, how many octets came of which connection. */
  function listen(hear: (turn: ReadonlyMap<number, number>) => void) {
    const arrived = new Int32Array(1024 * 3);
    const slab = Buffer.allocUnsafeSlow(1);
    const handle = native!.openStreams('127.0.0.1', 0, false, 60, arrived, new Int32Array(2), slab, (entries) => {
      const turn = new Map<number, number>();
      let start = 0;
      for (let at = 0; at < entries * 3; at += 3) {
        const [slot = 0, kind, value = 0] = arrived.subarray(at, at + 3);
        if (kind !== octetsCame) continue;
        turn.set(slot, value - start);
        start = value;
      }
      hear(turn);
    });
    const [, port] = native!.streamEnds(handle, -1);
    return {
      port,
      delay: () => native!.streamsDelay(handle),
      [Symbol.dispose]() {
        native!.closeSocket(handle);
      },
    };
  }

  async function connected(port: number): Promise<Socket> {
    const peer = connect(port, '127.0.0.1');
    await once(peer, 'connect');
    return peer;
  }

  describe('many connections with more than can be served', () => {
    it('have a little read each in turn, so that who sends little is heard before any of them is through', async () => {
      const much = 60_000;
      const sums = new Map<number, number>();
      const through = Promise.withResolvers<number>();
      let throughBefore = -1;
      using listener = listen((turn) => {
        for (const [slot, octets] of turn) sums.set(slot, (sums.get(slot) ?? 0) + octets);
        const all = [...sums.values()];
        const isThrough = (octets: number) => octets === much;
        if (all.includes(1) && throughBefore === -1) throughBefore = all.filter(isThrough).length;
        if (all.filter(isThrough).length === 20 && all.includes(1)) through.resolve(throughBefore);
      });
      const busy = await Promise.all(Array.from({ length: 20 }, () => connected(listener.port)));
      const quiet = await connected(listener.port);
      for (const peer of busy) peer.write(Buffer.alloc(much));
      quiet.write('!');
      expect(await through.promise).toBe(0);
      for (const peer of [...busy, quiet]) peer.destroy();
    });

    it('show how long what is read of them may have waited', async () => {
      let came = 0;
      const whole = Promise.withResolvers<boolean>();
      using listener = listen((turn) => {
        const before = performance.now();
        while (performance.now() - before < 20);
        for (const octets of turn.values()) came += octets;
        if (came === 600_000) whole.resolve(true);
      });
      const busy = await Promise.all(Array.from({ length: 10 }, () => connected(listener.port)));
      for (const peer of busy) peer.write(Buffer.alloc(60_000));
      expect(await whole.promise).toBe(true);
      expect(listener.delay()).toBeGreaterThan(5);
      expect(listener.delay()).toBe(0);
      for (const peer of busy) peer.destroy();
    });
  });
}
