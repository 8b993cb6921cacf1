import { createMemoryBroker } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { ReceiptBook } from '../../src/location/receipt-book.ts';

describe('the book of messages to lists whose notifications are not passed on one by one', () => {
  it('knows on an edge that starts what others stored, before it takes the first notification (RFC 5438 §14.2)', async () => {
    const broker = createMemoryBroker({ clock: new SimulatedClock() });
    using first = new ReceiptBook(broker.connect());
    const hidden = { account: 'alice', messageId: 'm1', list: 'sip:team@localhost', hidden: true, summarised: [] };
    unwrap(await first.add(hidden));
    using second = new ReceiptBook(broker.connect());
    await second.filled;
    expect(second.find('alice', 'm1')).toMatchObject(hidden);
  });
});
