import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Flusher } from '../../src/connection/flusher.ts';
import type { Sink } from '../../src/connection/output-queue.ts';
import { OutputQueue } from '../../src/connection/output-queue.ts';

/** A socket that takes octets when it is told to. */
class SlowSink implements Sink {
  writableLength = 0;
  readonly keepsOctets = false;
  readonly writes: (readonly Uint8Array[])[] = [];
  private written: (() => void) | undefined;

  write(bytes: Uint8Array, written: () => void): void {
    this.writeAll([bytes], written);
  }

  writeAll(parts: readonly Uint8Array[], written: () => void): void {
    this.writes.push(parts);
    this.writableLength = parts.reduce((sum, { length }) => sum + length, 0);
    this.written = written;
  }

  take(): void {
    this.writableLength = 0;
    this.written?.();
  }

  get text(): string {
    return this.writes.map((parts) => Buffer.concat(parts).toString('latin1')).join('');
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('The octets that wait for a connection', () => {
  it('are joined into one write per turn of the event loop', async () => {
    const sink = new SlowSink();
    const queue = new OutputQueue(sink, new Flusher(), 1000, () => {});
    queue.add('one ');
    queue.addChunk(Buffer.from('two '), Buffer.from('three '), [Buffer.from('four')], 8);
    expect(sink.writes).toHaveLength(0);
    await turn();
    expect(sink.writes).toHaveLength(1);
    expect(sink.text).toBe('one two three four');
  });

  it('stay while the kernel does not take more, and follow once it does', async () => {
    const sink = new SlowSink();
    const queue = new OutputQueue(sink, new Flusher(), 1000, () => {});
    queue.add('a');
    await turn();
    queue.add('b');
    queue.add('c');
    await turn();
    expect(sink.text).toBe('a');
    expect(queue.waiting).toBe(3);
    sink.take();
    await turn();
    expect(sink.text).toBe('abc');
  });

  it('are given up, once, when they become more than the limit', async () => {
    let overflows = 0;
    const queue = new OutputQueue(new SlowSink(), new Flusher(), 10, () => overflows++);
    queue.add('123456');
    queue.add('123456');
    expect(overflows).toBe(0); // not in the middle of a fan-out
    await turn();
    expect(overflows).toBe(1);
  });

  it('come out as they went in, whatever their sizes', async () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constantFrom(20_000, 300_000)), {
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(sizes, async (lengths) => {
        const sink = new SlowSink();
        const queue = new OutputQueue(sink, new Flusher(), Infinity, () => {});
        const parts = lengths.map((length, i) => String.fromCharCode(97 + i).repeat(length));
        parts.forEach((part, i) => {
          if (i % 2 === 0) queue.add(part);
          else queue.addChunk(Buffer.from(part), Buffer.from('-'), [Buffer.from('+')], part.length + 1);
        });
        const expected = parts.map((part, i) => (i % 2 === 0 ? part : `${part}-+`)).join('');
        for (let i = 0; i < 50 && queue.waiting > 0; i++) {
          await turn();
          sink.take();
        }
        expect(sink.text).toBe(expected);
        expect(queue.waiting).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});
