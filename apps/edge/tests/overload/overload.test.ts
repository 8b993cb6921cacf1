import { SimulatedClock, seededRandom } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { Overload } from '../../src/overload/overload.ts';
import { requestWith } from '../support/messages.ts';

const message = requestWith('MESSAGE sip:bob@localhost');

function overloaded(delay = 10_000, target = 200) {
  const clock = new SimulatedClock();
  const overload = new Overload({ clock, random: seededRandom(7), target });
  for (let i = 0; i < 100; i++) {
    clock.advance(100);
    overload.measured(delay, delay);
  }
  return { clock, overload };
}

function fates(overload: Overload, request = message, count = 9_000): { taken: number; refused: number } {
  const all = Array.from({ length: count }, () => overload.fateOf(request, true).kind);
  return {
    taken: all.filter((kind) => kind === 'take').length,
    refused: all.filter((kind) => kind === 'refuse').length,
  };
}

describe('A server with too much to do', () => {
  it('refuses messages over connections, but one for eight that it takes: to refuse is work too', () => {
    const { refused } = fates(overloaded().overload);
    expect(refused).toBeGreaterThan(1_000);
    expect(refused).toBeLessThanOrEqual(1_100);
  });

  it('refuses all datagrams that it gives up: what is not answered comes again', () => {
    const { overload } = overloaded();
    const refused = Array.from({ length: 1_000 }, () => overload.fateOf(message, false).kind === 'refuse');
    expect(refused.filter(Boolean).length).toBeGreaterThan(900);
  });

  it('gives nothing up that comes over connections while only the queue of datagrams is long', () => {
    const clock = new SimulatedClock();
    const overload = new Overload({ clock, random: seededRandom(7), target: 200 });
    for (let i = 0; i < 100; i++) {
      clock.advance(100);
      overload.measured(0, 10_000);
    }
    expect(overload.fateOf(message, true).kind).toBe('take');
    const overUdp = Array.from({ length: 100 }, () => overload.fateOf(message, false).kind);
    expect(overUdp).toContain('refuse');
  });

  it('takes half of what keeps sessions alive at the worst, and over connections all of it', () => {
    const { overload } = overloaded();
    const bye = requestWith('BYE sip:bob@localhost');
    const refused = Array.from({ length: 1_000 }, () => overload.fateOf(bye, false).kind === 'refuse').filter(Boolean);
    expect(refused.length).toBeGreaterThan(400);
    expect(refused.length).toBeLessThan(600);
    expect(fates(overload, bye).refused).toBe(0);
  });

  it('says when to come back, not to all the same, and not to a proxy (RFC 7339 §5.10.2)', () => {
    const { overload } = overloaded();
    const waits = new Set<number | undefined>();
    for (let i = 0; i < 60; i++) {
      const fate = overload.fateOf(message, true);
      if (fate.kind === 'refuse') waits.add(fate.retryAfter);
    }
    expect([...waits].toSorted()).toEqual([1, 2, 3, 4, 5]);
    const forwarded = requestWith('MESSAGE sip:bob@localhost', ['Via: SIP/2.0/UDP p;branch=z9hG4bKp']);
    const fate = overload.fateOf(forwarded, true);
    if (fate.kind === 'refuse') expect(fate.retryAfter).toBeUndefined();
  });

  it('tells neighbours how much to leave out, by numbers that grow (RFC 7339 §4)', () => {
    const { clock, overload } = overloaded();
    const first = overload.feedback();
    expect(first).toMatchObject({ loss: 95, validity: 500 });
    for (let i = 0; i < 100; i++) {
      clock.advance(100);
      overload.measured(0, 0);
    }
    expect(overload.feedback()).toMatchObject({ loss: 0, validity: 0 });
    expect(overload.feedback().sequence).toBeGreaterThan(first.sequence);
  });

  it('gives nothing up where nobody set a target', () => {
    expect(fates(overloaded(10_000, 0).overload)).toEqual({ taken: 9_000, refused: 0 });
  });
});
