import { busFailure, createMemoryBroker } from '@parley/bus';
import { streams, traces } from '@parley/contracts';
import { err, unwrap } from '@parley/prelude';
import { SimulatedClock } from '@parley/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAcross } from '../../src/traces/read-across.ts';

const batch = (at: number): traces.TraceBatch => ({ steps: [], names: [{ callId: '', cseq: 0, messageId: '', at }] });
const times = ({ names }: traces.TraceBatch): readonly number[] => names.map(({ at }) => at);

async function streamWith(subjects: readonly string[]) {
  const bus = createMemoryBroker({ clock: new SimulatedClock() }).connect();
  const stream = bus.stream(streams.traces, traces.TraceBatch);
  for (const [at, subject] of subjects.entries()) unwrap(await stream.append(subject, batch(at)));
  return stream;
}

describe('a subject that is read at several places at once', () => {
  it('gives each of its messages once, in order, and none of another subject', async () => {
    const subjects = fc.array(fc.constantFrom('trace.1', 'trace.2'), { maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(subjects, async (all) => {
        const stream = await streamWith(all);
        const expected = [...all.keys()].filter((at) => all[at] === 'trace.1');
        expect(unwrap(await readAcross(stream, 'trace.1', times))).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('asks for several at the same time', async () => {
    const stream = await streamWith(Array<string>(64).fill('trace.1'));
    let [open, most] = [0, 0];
    const counting: Pick<typeof stream, 'next' | 'last'> = {
      last: (subject) => stream.last(subject),
      next: async (subject, from) => {
        most = Math.max(most, ++open);
        const found = await stream.next(subject, from);
        open--;
        return found;
      },
    };
    expect(unwrap(await readAcross(counting, 'trace.1', times))).toHaveLength(64);
    expect(most).toBe(16);
  });

  it('fails as a whole when the store fails in one place', async () => {
    const stream = await streamWith(Array<string>(64).fill('trace.1'));
    const failure = err(busFailure('disconnected', 'NATS is away'));
    const failing: Pick<typeof stream, 'next' | 'last'> = {
      last: (subject) => stream.last(subject),
      next: (subject, from) => (from > 40 ? Promise.resolve(failure) : stream.next(subject, from)),
    };
    expect(await readAcross(failing, 'trace.1', times)).toEqual(failure);
  });
});
