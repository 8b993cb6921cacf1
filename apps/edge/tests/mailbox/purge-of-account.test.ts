import { createMemoryBroker } from '@parley/bus';
import { edge, streams } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { describe, expect, it } from 'vitest';
import { AmendmentContents } from '../../src/actors/amendments/amendment-contents.ts';
import { purgeOfAccount } from '../../src/actors/accounts/purge-of-account.ts';

describe('What is stored for an account that is gone', () => {
  it('goes, and nothing of a successor by the same name that was made meanwhile', async () => {
    const bus = createMemoryBroker({ clock: systemClock }).connect();
    const contents = new AmendmentContents(bus, 'alice');
    const before = await contents.add(Buffer.from('hers'), 100, 'a 1');
    const after = await contents.add(Buffer.from('the successor’s'), 200, 'b 1');
    unwrap(await contents.purge(100));
    expect(await contents.at(before)).toBeUndefined();
    expect(Buffer.from((await contents.at(after)) ?? []).toString()).toBe('the successor’s');
  });

  it('goes in two questions, however much it is, when nobody has taken the name yet', async () => {
    const bus = createMemoryBroker({ clock: systemClock }).connect();
    const contents = new AmendmentContents(bus, 'alice');
    for (let i = 0; i < 20; i++) await contents.add(Buffer.from('hers'), 100, `a ${i}`);
    const stream = bus.stream(streams.amendments, edge.AmendmentContent);
    const asked: string[] = [];
    const counted = {
      last: (...how: Parameters<typeof stream.last>) => (asked.push('last'), stream.last(...how)),
      next: (...how: Parameters<typeof stream.next>) => (asked.push('next'), stream.next(...how)),
      purge: (...how: Parameters<typeof stream.purge>) => (asked.push('purge'), stream.purge(...how)),
    };
    unwrap(await purgeOfAccount(counted, 'amendment.alice', 100));
    expect(asked).toEqual(['last', 'purge']);
    expect(unwrap(await stream.next('amendment.alice', 1))).toBeUndefined();
  });

  it('MUST be one for a request that is repeated', async () => {
    const bus = createMemoryBroker({ clock: systemClock }).connect();
    const contents = new AmendmentContents(bus, 'alice');
    const first = await contents.add(Buffer.from('new'), 100, 'a 1');
    expect(await contents.add(Buffer.from('new'), 100, 'a 1')).toBe(first);
    const stream = bus.stream(streams.amendments, edge.AmendmentContent);
    expect(unwrap(await stream.read('amendment.alice', { from: 1, limit: 9 }))).toHaveLength(1);
  });
});
