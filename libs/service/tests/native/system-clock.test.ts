import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SystemClock } from '../../src/index.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('SystemClock', () => {
  it('runs what is due, never early and late by less than two ticks', () => {
    const clock = new SystemClock();
    const start = clock.now();
    const delays = [0, 1, 10, 499, 500, 32_000, 90_000];
    const ran = new Map<number, number>();
    for (const delay of delays) clock.after(delay, () => ran.set(delay, clock.now() - start));
    vi.advanceTimersByTime(100_000);
    for (const delay of delays) {
      expect(ran.get(delay)).toBeGreaterThanOrEqual(delay);
      expect(ran.get(delay)).toBeLessThan(delay + 20);
    }
  });

  it('holds one native timer for all, and none when nothing waits', () => {
    const clock = new SystemClock();
    const cancels = Array.from({ length: 1000 }, (_, i) => clock.after(1000 - i, () => expect.unreachable()));
    expect(vi.getTimerCount()).toBe(1);
    for (const cancel of cancels) cancel();
    vi.advanceTimersByTime(5000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wakes earlier when something earlier comes', () => {
    const clock = new SystemClock();
    const ran: string[] = [];
    clock.after(60_000, () => ran.push('late'));
    clock.after(50, () => ran.push('early'));
    vi.advanceTimersByTime(70);
    expect(ran).toEqual(['early']);
  });

  it('sleeps longer than a native timer can', () => {
    const clock = new SystemClock();
    let ran = false;
    const month = 30 * 24 * 3600 * 1000;
    clock.after(month, () => (ran = true));
    vi.advanceTimersByTime(month - 1);
    expect(ran).toBe(false);
    vi.advanceTimersByTime(20);
    expect(ran).toBe(true);
  });

  it('goes on when a task throws', () => {
    const clock = new SystemClock();
    let ran = false;
    clock.after(10, () => {
      throw new Error('task');
    });
    clock.after(10, () => (ran = true));
    expect(() => vi.advanceTimersByTime(30)).toThrow('task');
    vi.advanceTimersByTime(30);
    expect(ran).toBe(true);
  });
});
