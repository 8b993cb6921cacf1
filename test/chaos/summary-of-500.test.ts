import { eventually } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { Recipient, Sender } from '../load/receipts/ends.ts';
import { Installation } from '../load/receipts/installation.ts';

const names = Array.from({ length: 500 }, (_, i) => `u${i}`);
/** Octets of one summary, by default. */
const maxSize = 65_536;

describe('a summary for a group of 500, the notification service killed in the middle', () => {
  it('tells of every recipient exactly once, in as few batches as fit (RFC 5438 §8.3, REQ-DISNOT-11)', async () => {
    await using installation = await Installation.start([...names, 'alice']);
    const ports = (): readonly number[] => installation.ports;
    const recipients = names.map((name) => new Recipient(name, ports, false));
    const alice = new Sender('alice', ports);
    const clients = [alice, ...recipients].map(({ client }) => client);
    await Promise.all(clients.map((client) => client.on()));
    await alice.toMany('m1', names);
    await eventually(
      () => {
        expect(recipients.filter(({ seen }) => seen.size > 0).length).toBeGreaterThan(150);
      },
      { within: 60_000, every: 5 },
    );
    await installation.crash(['notification'], 0);
    await eventually(
      () => {
        expect([...alice.outcomes.keys()].toSorted()).toEqual(names.map((name) => `m1 ${name}`).toSorted());
      },
      { within: 120_000 },
    );
    const told = [...alice.outcomes.values()];
    expect(told.filter(({ length }) => length > 1)).toEqual([]);
    expect(told.every(([only]) => only?.startsWith('delivered'))).toBe(true);
    for (const client of clients) client.off();
    // One more than fit, since the last one is as full as what is left.
    const { summaries } = alice;
    expect(Math.max(...summaries)).toBeLessThanOrEqual(maxSize);
    const octets = summaries.reduce((sum, size) => sum + size, 0);
    expect(summaries.length).toBeLessThanOrEqual(Math.ceil(octets / maxSize) + 1);
  }, 240_000);
});
