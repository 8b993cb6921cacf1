import { describe, expect, it } from 'vitest';
import { Dice, hostileBody, mutations, xmlTypes } from '../../src/index.ts';

describe('what fuzzers share', () => {
  const mutate = mutations('crumb');
  const run = (seed: number): string[] => {
    const dice = new Dice(seed);
    return Array.from({ length: 200 }, () => {
      const body = hostileBody(
        dice.pick(['message/cpim', 'multipart/mixed;boundary=b', ...xmlTypes]),
        'a@b',
        'c@d',
        dice,
      );
      return mutate(Buffer.from(body), dice.upTo(4), dice, Buffer.from('other')).toString('latin1');
    });
  };

  it('repeats itself for the same seed, and only for that, so that what was found can be found again', () => {
    expect(run(1)).toEqual(run(1));
    expect(run(2)).not.toEqual(run(1));
  });

  it('keeps inputs of mutated inputs short', () => {
    const dice = new Dice(3);
    let octets: Buffer = Buffer.from('x'.repeat(16_000));
    for (let i = 0; i < 200; i++) octets = mutate(octets, 3, dice, octets);
    expect(octets.length).toBeLessThanOrEqual(16_384);
  });
});
