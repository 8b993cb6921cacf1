import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { NativeStreams } from '../../../src/node/index.ts';
import type { NativeStream, OctetSource } from '../../../src/node/index.ts';
import { socketKinds } from '../support.ts';

const native = socketKinds.find((kind) => kind.native !== undefined)?.native;

function source(octets: Uint8Array): OctetSource {
  return {
    octets: octets.length,
    takeInto(target, offset) {
      target.set(octets, offset);
      return offset + octets.length;
    },
  };
}

/** A turn of the event loop and some more, in which what came would be read. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** The next exception that nobody catches, which only this test hears of. */
function nextUncaught(): Promise<unknown> {
  const others = process.rawListeners('uncaughtException') as NodeJS.UncaughtExceptionListener[];
  process.removeAllListeners('uncaughtException');
  return new Promise((resolve) => {
    process.once('uncaughtException', (error) => {
      for (const other of others) process.on('uncaughtException', other);
      resolve(error);
    });
  });
}

// Without a C compiler there is nothing to be tested.
if (native !== undefined) {
  interface Pair extends Disposable {
    readonly stream: NativeStream;
    readonly peer: Socket;
    readonly got: () => string;
    /** Emits `octets` when some came. */
    readonly heard: EventEmitter;
  }

  async function pair(): Promise<Pair> {
    const accepted = Promise.withResolvers<NativeStream>();
    const streams = new NativeStreams(native!, { host: '127.0.0.1', port: 0 }, accepted.resolve);
    const peer = connect(streams.local.port, '127.0.0.1');
    await once(peer, 'connect');
    const stream = await accepted.promise;
    let text = '';
    const heard = new EventEmitter();
    stream.receive({
      take(octets) {
        text += octets.toString('latin1');
        heard.emit('octets');
      },
    });
    return {
      ...{ stream, peer, got: () => text, heard },
      [Symbol.dispose]() {
        peer.destroy();
        streams.shut();
      },
    };
  }

  describe('a connection of the add-on', () => {
    it('reads nothing while it is paused, and then all that came', async () => {
      using both = await pair();
      both.stream.pause();
      await new Promise<void>((resolve) =>
        both.peer.write('one ', () => {
          resolve();
        }),
      );
      await turns();
      expect(both.got()).toBe('');
      both.stream.resume();
      await once(both.heard, 'octets');
      both.peer.write('two');
      await once(both.heard, 'octets');
      expect(both.got()).toBe('one two');
    });

    it('hears of the end of a peer behind what it sent before a pause ended', async () => {
      using both = await pair();
      both.stream.pause();
      both.peer.end('x'.repeat(200_000));
      await once(both.peer, 'finish');
      await turns();
      const ended = once(both.stream, 'end');
      both.stream.resume();
      await ended;
      expect(both.got()).toHaveLength(200_000);
    });

    it('goes on writing while it is paused', async () => {
      using both = await pair();
      both.stream.pause();
      both.stream.write(source(Buffer.from('still here')));
      const [octets] = (await once(both.peer, 'data')) as [Buffer];
      expect(octets.toString()).toBe('still here');
    });

    it('tells when the kernel has taken what it had not at first', async () => {
      using both = await pair();
      both.peer.pause();
      const octets = Buffer.alloc(16 * 1024 * 1024, 'y');
      both.stream.write(source(octets));
      expect(both.stream.waiting).toBeGreaterThan(0);
      const drained = once(both.stream, 'drain');
      let got = 0;
      both.peer.on('data', (some: Buffer) => (got += some.length));
      both.peer.resume();
      await drained;
      expect(both.stream.waiting).toBe(0);
      both.stream.end();
      await once(both.peer, 'end');
      expect(got).toBe(octets.length);
    });

    it('tells of a reset also when octets wait that the kernel has not taken', async () => {
      using both = await pair();
      both.peer.pause();
      both.stream.write(source(Buffer.alloc(16 * 1024 * 1024, 'y')));
      both.stream.pause();
      expect(both.stream.waiting).toBeGreaterThan(0);
      const closed = new Promise<void>((resolve) => both.stream.once('close', resolve));
      const errors: Error[] = [];
      both.stream.on('error', (error) => errors.push(error));
      both.peer.resetAndDestroy();
      // What writing has learned of an error cannot be read again: the connection would wait for its peer for ever.
      await closed;
      expect(errors).toMatchObject([{ code: 'ECONNRESET' }]);
    });

    it('costs no other connection of its batch anything when somebody throws who hears of it', async () => {
      const batches: ((entries: number, octets: Buffer, origin: number) => void)[] = [];
      let arrived: Int32Array = new Int32Array();
      const heldBack: NonNullable<typeof native> = {
        ...native,
        openStreams: (host, port, share, keepAlive, into, leaving, octets, listener) => {
          arrived = into;
          batches.push(listener);
          return native.openStreams(host, port, share, keepAlive, into, leaving, octets, () => {});
        },
      };
      const accepted: number[] = [];
      const streams = new NativeStreams(heldBack, { host: '127.0.0.1', port: 0 }, ({ slot }) => {
        if (slot === 0) throw new Error('the first one is too much');
        accepted.push(slot);
      });
      const uncaught = nextUncaught();
      for (const slot of [0, 1, 2]) arrived.set([slot, 0, 0], slot * 3);
      batches[0]?.(3, Buffer.alloc(0), 0);
      expect(accepted).toEqual([1, 2]);
      expect(await uncaught).toMatchObject({ message: 'the first one is too much' });
      streams.shut();
    });

    it('keeps all that is written while it hears that another broke', async () => {
      const accepted: NativeStream[] = [];
      const streams = new NativeStreams(native, { host: '127.0.0.1', port: 0 }, (stream) => accepted.push(stream));
      const peers: Socket[] = [];
      while (peers.length < 2) {
        const peer = connect(streams.local.port, '127.0.0.1');
        await once(peer, 'connect');
        peers.push(peer);
        while (accepted.length < peers.length) await turns();
      }
      const [broken, stream] = accepted as [NativeStream, NativeStream];
      const [gone, peer] = peers as [Socket, Socket];
      // Nothing is read of it, so that only writing shows that it broke.
      broken.pause();
      gone.resetAndDestroy();
      await once(gone, 'close');
      broken.on('error', () => {
        stream.write(source(Buffer.alloc(200_000, 'b')));
      });
      broken.write(source(Buffer.from('x')));
      for (const letter of 'ac') stream.write(source(Buffer.alloc(200_000, letter)));
      stream.end();
      let got = '';
      peer.on('data', (octets: Buffer) => (got += octets.toString('latin1')));
      await once(peer, 'end');
      peer.destroy();
      streams.shut();
      expect(got).toBe('a'.repeat(200_000) + 'b'.repeat(200_000) + 'c'.repeat(200_000));
    });
  });
}
