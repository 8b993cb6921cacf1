import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { eventually, freePort, freePorts, seededRandom, startNats } from '../src/index.ts';

describe('seededRandom', () => {
  it('repeats itself for the same seed, and only for that', () => {
    const [first, again, other] = [1, 1, 2].map((seed) => [...seededRandom(seed).bytes(16)]);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('gives every octet about as often', () => {
    const counts = new Array<number>(256).fill(0);
    for (const octet of seededRandom(7).bytes(256 * 200)) counts[octet] = (counts[octet] ?? 0) + 1;
    expect(Math.min(...counts)).toBeGreaterThan(120);
    expect(Math.max(...counts)).toBeLessThan(280);
  });
});

describe('eventually', () => {
  it('gives what the check gives once it passes', async () => {
    let tries = 0;
    const check = (): number => {
      if (++tries < 3) throw new Error('not yet');
      return tries;
    };
    expect(await eventually(check, { every: 1 })).toBe(3);
  });

  it('throws what the last check threw', async () => {
    const never = (): never => {
      throw new Error('never');
    };
    await expect(eventually(never, { within: 10, every: 1 })).rejects.toThrow('never');
  });
});

describe('freePorts', () => {
  it('are different', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
  });

  it('are none that somebody has over TCP or UDP, nor that one gets by asking for any', async () => {
    const port = await freePort();
    const server = createServer().listen(port + 1, '127.0.0.1');
    const socket = createSocket('udp4').bind(port + 2, '127.0.0.1');
    await Promise.all([once(server, 'listening'), once(socket, 'listening')]);
    const ports = await freePorts(5);
    expect(ports).not.toContain(port + 1);
    expect(ports).not.toContain(port + 2);
    expect(Math.max(...ports)).toBeLessThan(32_768);
    server.close();
    socket.close();
  });
});

describe('startNats', () => {
  it('is there when it is started, gone when it is killed, and back on the same port', async () => {
    await using server = await startNats();
    const isThere = (): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = connect(server.port, '127.0.0.1');
        socket.once('connect', () => {
          socket.destroy();
          resolve(true);
        });
        socket.once('error', () => {
          resolve(false);
        });
      });
    expect(await isThere()).toBe(true);
    await server.kill9();
    expect(await isThere()).toBe(false);
    await server.restart();
    expect(await isThere()).toBe(true);
  });
});
