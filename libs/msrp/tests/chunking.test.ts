import { unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyReassembly, interruptedFlag, isComplete, planChunk, planChunks, receiveChunk } from '../src/index.ts';
import type { Reassembly, ReceivedChunk } from '../src/index.ts';

const limits = { messageBytes: 100_000, spans: 8 };
const receive = (chunks: readonly ReceivedChunk[]): Reassembly =>
  chunks.reduce((state, chunk) => unwrap(receiveChunk(state, chunk, limits)), emptyReassembly);

describe('chunking (RFC 4975 §5.1, §7.1.1)', () => {
  it('sends up to 2048 octets with a known range-end', () => {
    expect([...planChunks(2048, 4096)]).toEqual([
      { byteRange: { start: 1, end: 2048, total: 2048 }, length: 2048, flag: '$' },
    ]);
  });

  it('MUST have "*" as range-end of a longer, interruptible chunk', () => {
    expect([...planChunks(2049, Infinity)]).toEqual([
      { byteRange: { start: 1, end: '*', total: 2049 }, length: 2049, flag: '$' },
    ]);
  });

  it('describes an empty message as 1-0/0', () => {
    expect([...planChunks(0, 2048)]).toEqual([{ byteRange: { start: 1, end: 0, total: 0 }, length: 0, flag: '$' }]);
  });

  it('knows the end of a message of unknown size only from the caller', () => {
    const part = { sent: 10, available: 5, total: '*' } as const;
    expect(planChunk(part, 2048)).toEqual({ byteRange: { start: 11, end: 15, total: '*' }, length: 5, flag: '+' });
    expect(planChunk({ ...part, last: true }, 2048).flag).toBe('$');
    expect(planChunk({ ...part, last: true }, 2).flag).toBe('+');
  });

  it('resumes or gives up an interrupted chunk', () => {
    expect([interruptedFlag(true), interruptedFlag(false)]).toEqual(['+', '#']);
  });

  it('plans what a receiver finds complete, in any order and with repetitions', () => {
    const plan = fc.tuple(fc.nat(9000), fc.integer({ min: 1500, max: 5000 }));
    fc.assert(
      fc.property(plan, fc.array(fc.nat(), { minLength: 20, maxLength: 20 }), ([total, size], keys) => {
        const chunks = [...planChunks(total, size)].map(({ byteRange, length, flag }) => ({
          start: byteRange.start,
          total: byteRange.total,
          length,
          flag,
        }));
        const shuffled = [...chunks, ...chunks]
          .map((chunk, i) => ({ chunk, key: keys[i % keys.length] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ chunk }) => chunk);
        expect(isComplete(receive(shuffled))).toBe(true);
        expect(isComplete(receive(shuffled.filter((chunk) => chunk.flag !== '$' || total === 0)))).toBe(total === 0);
      }),
    );
  });
});

describe('reassembly (RFC 4975 §7.3.1)', () => {
  const chunk = (
    start: number,
    length: number,
    flag: '$' | '+' | '#' = '+',
    total: number | '*' = '*',
  ): ReceivedChunk => ({
    start,
    length,
    flag,
    total,
  });

  it('takes the total length from the chunk that ends with "$"', () => {
    expect(isComplete(receive([chunk(5, 4, '$')]))).toBe(false);
    expect(isComplete(receive([chunk(5, 4, '$'), chunk(1, 4)]))).toBe(true);
  });

  it('joins spans that overlap or touch', () => {
    expect(receive([chunk(1, 100), chunk(300, 10), chunk(50, 101)]).received).toEqual([
      { start: 1, end: 150 },
      { start: 300, end: 309 },
    ]);
    expect(receive([chunk(1, 4), chunk(9, 4), chunk(5, 4)]).received).toEqual([{ start: 1, end: 12 }]);
  });

  it('keeps the same spans as a set of octets would', () => {
    const part = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.nat(12));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const { received } = receive(parts.map(([start, length]) => chunk(start, length)));
        const octets = new Set(parts.flatMap(([start, length]) => Array.from({ length }, (_, i) => start + i)));
        const covered = received.flatMap(({ start, end }) =>
          Array.from({ length: end - start + 1 }, (_, i) => start + i),
        );
        expect(covered).toEqual([...octets].sort((a, b) => a - b));
      }),
    );
  });

  it('never completes a message that was given up with "#"', () => {
    expect(isComplete(receive([chunk(1, 4, '#', 4)]))).toBe(false);
  });

  it.each([
    ['413 beyond the limit of a message', chunk(99_999, 3), 413],
    ['413 for an announced total beyond it', chunk(1, 3, '+', 100_001), 413],
    ['400 for octets behind the announced end', chunk(9, 3, '+', 10), 400],
  ])('answers %s', (_name, bad, status) => {
    expect(receiveChunk(emptyReassembly, bad, limits)).toMatchObject({ ok: false, error: { status } });
  });

  it('answers 413 to more holes than it remembers', () => {
    const state = receive(Array.from({ length: 8 }, (_, i) => chunk(1 + 2 * i, 1)));
    expect(receiveChunk(state, chunk(101, 1), limits)).toMatchObject({ ok: false, error: { status: 413 } });
    expect(receiveChunk(state, chunk(2, 1), limits).ok).toBe(true);
  });
});
