import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unwrap } from '@parley/prelude';
import type { Bus, ObjectStore } from '../src/index.ts';
import type { BusUnderTest } from './bus-suite.ts';

const definition = { name: 'test-objects', description: 'of a test', maxAge: 3_600_000 };

/** An object that comes in pieces. */
async function* inPieces(...pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

const octets = (length: number, from: number): Uint8Array => Buffer.alloc(length).map((_, i) => (from + i * 7) & 0xff);

/** What every adapter of the bus keeps to: objects. */
export function describeObjects(name: string, start: () => Promise<BusUnderTest>): void {
  describe(`${name}: object stores`, () => {
    let under: BusUnderTest;
    let bus: Bus;
    let other: Bus;
    let objects: ObjectStore;

    beforeAll(async () => {
      under = await start();
      [bus, other] = [await under.connect(), await under.connect()];
      objects = bus.objects(definition);
    });
    afterAll(async () => {
      await bus.drain();
      await other.drain();
      await under[Symbol.asyncDispose]();
    });

    it('give back what was put in pieces, octet for octet, to everybody', async () => {
      const pieces = [octets(300_000, 1), octets(1, 2), octets(700_001, 3)];
      unwrap(await objects.put('room.1', inPieces(...pieces)));
      const read = unwrap(await other.objects(definition).get('room.1'));
      expect(Buffer.compare(read ?? octets(0, 0), Buffer.concat(pieces))).toBe(0);
    });

    it('replace what stood under a name', async () => {
      unwrap(await objects.put('twice', inPieces(octets(10, 1))));
      unwrap(await objects.put('twice', inPieces(octets(20, 5))));
      expect(unwrap(await objects.get('twice'))).toHaveLength(20);
    });

    it('forget, and find nothing then', async () => {
      unwrap(await objects.put('room.2', inPieces(octets(10, 1))));
      unwrap(await objects.remove('room.2'));
      unwrap(await objects.remove('never there'));
      expect(unwrap(await objects.get('room.2'))).toBeUndefined();
      expect(unwrap(await objects.get('never there'))).toBeUndefined();
    });

    it('keep nothing of what breaks off, and say so as a value', async () => {
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield await Promise.resolve(octets(10, 1));
        throw new Error('no more of it');
      }
      expect((await objects.put('broken', broken())).ok).toBe(false);
      expect(unwrap(await objects.get('broken'))).toBeUndefined();
    });

    it('list names by how they begin', async () => {
      unwrap(await objects.put('other.a', inPieces(octets(1, 1))));
      unwrap(await objects.put('other.b', inPieces(octets(1, 1))));
      expect(unwrap(await objects.names('other.')).toSorted()).toEqual(['other.a', 'other.b']);
    });

    it('fail as a value while NATS is away', async () => {
      const lonely = await under.connect();
      await lonely.drain();
      expect((await lonely.objects(definition).get('room.1')).ok).toBe(false);
    });
  });
}
