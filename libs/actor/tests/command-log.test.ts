import { describe, expect, it } from 'vitest';
import { recallCommand, recordCommand } from '../src/index.ts';
import type { CommandLog } from '../src/index.ts';

describe('CommandLog', () => {
  it('answers a retried command with what was answered before', () => {
    const log = recordCommand<string>([], 'c1', 'admitted');
    expect(recallCommand(log, 'c1')).toEqual({ id: 'c1', outcome: 'admitted' });
    expect(recallCommand(log, 'c2')).toBeUndefined();
  });

  it('tells a command that was answered with nothing from one that is new', () => {
    expect(recallCommand(recordCommand<undefined>([], 'c1', undefined), 'c1')).toBeDefined();
  });

  it('keeps the newest within its limit and survives being stored', () => {
    let log: CommandLog<number> = [];
    for (let i = 0; i < 100; i++) log = recordCommand(log, `c${i}`, i, 3);
    const stored = JSON.parse(JSON.stringify(log)) as CommandLog<number>;
    expect(stored.map(({ id }) => id)).toEqual(['c97', 'c98', 'c99']);
  });
});
