import { describe, expect, it } from 'vitest';
import { trial } from '../load/receipts/trial.ts';

describe('delivery notifications, kill -9 of notification, edge and NATS', () => {
  it('each message has exactly one outcome at its sender, half of the recipients having been away (REQ-DISNOT-3, REQ-DISNOT-11)', async () => {
    const report = await trial({
      ...{ messages: 240, lists: 6, senders: 4, recipients: 20, window: 4, lease: 3000 },
      crashes: [['notification', 'first'], ['nats']],
      patience: 120_000,
    });
    expect(report).toMatchObject({ messages: 300, missing: [], several: [], strange: [], faults: [] });
    expect(report.delivered + report.failed).toBe(300);
    expect(report.failed).toBeGreaterThan(0);
  }, 300_000);
});
