import type { ByteRange, ContinuationFlag } from '@parley/msrp';
import { systemRandom } from '@parley/service';
import { describe, expect, it } from 'vitest';
import { Recording } from '../../src/history/recording.ts';
import type { Recorded } from '../../src/history/recording.ts';
import { OutgoingChunk } from '../../src/message/outgoing-chunk.ts';
import { ownChunk } from '../../src/message/own-chunk.ts';

const total = 700_000;

/** A part of a message of {@link total} octets that are all the same. */
function part(start: number, end: number, fill: string, flag: ContinuationFlag = '+'): OutgoingChunk {
  const byteRange: ByteRange = { start, end, total };
  const body = [Buffer.alloc(end - start + 1, fill)];
  return new OutgoingChunk({ ...ownChunk(body, systemRandom).head, byteRange }, body, flag, systemRandom);
}

describe('A message that is recorded for the history', () => {
  it('holds once what is said again and again, the last of it (RFC 4975 §7.3.1)', () => {
    const whole: Recorded[] = [];
    const recording = new Recording(
      (recorded) => whole.push(recorded),
      () => undefined,
    );
    recording.deliver(part(1, 10, 'a'));
    for (let i = 0; i < 100; i++) recording.deliver(part(101, 600_000, 'b'));
    recording.deliver(part(101, 600_000, 'c'));
    expect(recording.octets).toBeLessThanOrEqual(3 * 768 * 1024);
    recording.deliver(part(11, 100, 'a'));
    recording.deliver(part(600_001, total, 'd', '$'));
    const text = Buffer.from(whole[0]?.octets ?? []).toString();
    expect(text).toBe(`${'a'.repeat(100)}${'c'.repeat(599_900)}${'d'.repeat(100_000)}`);
    expect(recording.octets).toBe(0);
  });
});
