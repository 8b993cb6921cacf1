import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Flusher } from '../../src/connection/flusher.ts';
import type { AddressedChunk, Sink } from '../../src/connection/output-queue.ts';
import type { OctetParts } from '../../src/connection/octet-parts.ts';
import { OutputQueue } from '../../src/connection/output-queue.ts';

/** A socket that takes octets when it is told to. */
class SlowSink implements Sink {
  waiting = 0;
  readonly writes: string[] = [];
  private taken = (): void => {};

  write(parts: OctetParts): void {
    const octets = Buffer.alloc(parts.octets);
    parts.takeInto(octets, 0);
    this.writes.push(octets.toString('latin1'));
    this.waiting = octets.length;
  }

  onTaken(listener: () => void): void {
    this.taken = listener;
  }

  take(): void {
    this.waiting = 0;
    this.taken();
  }

  get text(): string {
    return this.writes.join('');
  }
}

function chunkOf(start: string, paths: string, tail: string): AddressedChunk {
  const parts = [start, paths, tail].map((part) => Buffer.from(part, 'latin1'));
  const [a = Buffer.of(), b = Buffer.of(), c = Buffer.of()] = parts;
  return { start: a, paths: b, tail: [c], octets: a.length + b.length + c.length };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('The octets that wait for a connection', () => {
  it('are joined into one write per turn of the event loop', async () => {
    const sink = new SlowSink();
    const queue = new OutputQueue(sink, new Flusher(), 1000, () => {});
    queue.add('one ');
    queue.addChunk(chunkOf('two ', 'three ', 'four'), { isPart: false, source: undefined });
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
          else queue.addChunk(chunkOf(part, '-', '+'), { isPart: i % 3 === 0, source: undefined });
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

  it('let what is short pass long messages, which take turns; what one says stays in order (RFC 4975 §7.1.1)', async () => {
    const sink = new SlowSink();
    const queue = new OutputQueue(sink, new Flusher(), Infinity, () => {});
    const [alice, bob] = [{}, {}];
    const long = (who: object, name: string): void => {
      queue.addChunk(chunkOf(name, '', '.'.repeat(60_000)), { isPart: true, source: who });
    };
    queue.add('first');
    await turn();
    for (let i = 0; i < 8; i++) long(alice, `A${i}`);
    for (let i = 0; i < 3; i++) long(bob, `B${i}`);
    queue.addChunk(chunkOf('after-B', '', ''), { isPart: false, source: bob });
    queue.addChunk(chunkOf('carol', '', ''), { isPart: false, source: {} });
    queue.add('answer');
    while (queue.waiting > 0) {
      sink.take();
      await turn();
    }
    const said = sink.text.replaceAll('.', '');
    // Nothing stands aside before more waits than one write holds.
    expect(said).toMatch(/^firstA0A1A2A3A4carolanswer/);
    const rest = said.slice(said.indexOf('answer') + 'answer'.length);
    expect(rest).toBe('A5B0A6B1A7B2after-B');
  });

  it('are framed one by one also when they stand aside (RFC 7977 §5.1)', async () => {
    const sink = Object.assign(new SlowSink(), { frame: (octets: number) => Buffer.from(`[${octets}]`) });
    const queue = new OutputQueue(sink, new Flusher(), Infinity, () => {});
    const kind = { isPart: true, source: {} };
    for (let i = 0; i < 6; i++) queue.addChunk(chunkOf(`${i}`, '', '.'.repeat(99_999)), kind);
    while (queue.waiting > 0) {
      await turn();
      sink.take();
    }
    expect(sink.text.replaceAll('.', '')).toBe('[100000]0[100000]1[100000]2[100000]3[100000]4[100000]5');
  });
});
