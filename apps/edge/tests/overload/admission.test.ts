import { describe, expect, it } from 'vitest';
import { leastLetIn, partLetIn } from '../../src/overload/admission.ts';

/** The part after so many looks at a queue that stays as full. */
function after(looks: number, part: number, fill: number): number {
  let result = part;
  for (let i = 0; i < looks; i++) result = partLetIn(result, fill);
  return result;
}

describe('The part of the requests that the kernel lets in', () => {
  it('stays whole while the queue is no fuller than refusing keeps it', () => {
    expect(after(1_000, 1, 0.7)).toBe(1);
  });

  it('falls while the queue is too full, fastest where something was thrown away, and never to nothing', () => {
    expect(partLetIn(1, 0.8)).toBeLessThan(1);
    expect(partLetIn(1, 2)).toBeLessThan(partLetIn(1, 0.8));
    expect(after(1_000, 1, 0.8)).toBe(leastLetIn);
  });

  it('stays as it is while a queue that is too full gets shorter', () => {
    expect(partLetIn(0.5, 0.9, true)).toBe(0.5);
    expect(partLetIn(0.5, 2, true)).toBeLessThan(0.5);
  });

  it('falls, once less is let in, until the queue is a quarter of what it may be: what is under way is to be short-lived', () => {
    expect(partLetIn(1, 0.6)).toBe(1);
    expect(partLetIn(0.5, 0.6)).toBeLessThan(0.5);
    expect(partLetIn(0.5, 0.1)).toBeGreaterThan(0.5);
  });

  it('stays as it is in between, and rises slowly to the whole where there is room', () => {
    expect(partLetIn(0.3, 0.15)).toBe(0.3);
    expect(after(10, leastLetIn, 0)).toBeLessThan(0.01);
    expect(after(1_000, leastLetIn, 0)).toBe(1);
  });
});
