import { portableCodec } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CompletedRequests } from '../../src/transaction-layer/completed-requests.ts';
import { segmentOctets } from '../../src/transaction-layer/octet-log.ts';
import { SimulatedClock } from '@parley/testing';

const wait = 32_000;
const limits = { wait, entries: 1_000, octets: 64 * segmentOctets };

function completed(changed: Partial<typeof limits> = {}): { clock: SimulatedClock; kept: CompletedRequests } {
  const clock = new SimulatedClock();
  return { clock, kept: new CompletedRequests(clock, portableCodec, 7, { ...limits, ...changed }) };
}

function text(octets: Uint8Array | undefined): string | undefined {
  return octets && portableCodec.decodeLatin1(octets, 0, octets.length);
}

describe('responses that wait for retransmissions (RFC 3261 §17.2.2, Timer J)', () => {
  it('are found by the name of their transaction until their time is over, as in a Map', () => {
    const branches = fc.integer({ min: 0, max: 2_000 }).map((n) => `z9hG4bK${n}`);
    const steps = fc.array(fc.tuple(branches, fc.integer({ min: 0, max: 200 }), fc.nat({ max: 3_000 })), {
      minLength: 300,
      maxLength: 900,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const { clock, kept } = completed();
        const model = new Map<string, { readonly text: string; readonly until: number }>();
        for (const [branch, pause, octets] of all) {
          const known = model.get(branch);
          const expected = known === undefined || known.until <= clock.now() ? undefined : known.text;
          expect(text(kept.find(branch, 'a', 'MESSAGE'))).toBe(expected);
          if (expected === undefined) {
            const head = `SIP/2.0 200 OK ${branch} `;
            kept.keep(branch, 'a', 'MESSAGE', head, new Uint8Array(octets).fill(0x78));
            model.set(branch, { text: head + 'x'.repeat(octets), until: clock.now() + wait });
          }
          clock.advance(pause);
        }
        clock.advance(wait);
        expect(kept.size).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  it('take no more memory than they may: the oldest go first', () => {
    const { kept } = completed({ octets: 2 * segmentOctets });
    const body = new Uint8Array(segmentOctets / 4);
    for (let n = 0; n < 40; n++) kept.keep(`b${n}`, '', 'MESSAGE', '', body);
    expect(kept.size).toBeLessThanOrEqual(9);
    expect(kept.find('b0', '', 'MESSAGE')).toBeUndefined();
    expect(kept.find('b39', '', 'MESSAGE')).toHaveLength(body.length);
  });

  it('are not kept at all where they are larger than any datagram', () => {
    const { kept } = completed();
    expect(kept.keep('b', '', 'MESSAGE', '', new Uint8Array(segmentOctets + 1))).toBe(0);
    expect(kept.size).toBe(0);
  });
});
