import { createMemoryBroker } from '@parley/bus';
import type { MemoryBroker } from '@parley/bus';
import { edge, mailboxSubject, streams } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { createResponseTo, serialise } from '@parley/sip';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { noNews } from '../../src/actors/mailbox/address-of-record.ts';
import { MailboxOwner } from '../../src/actors/mailbox/mailbox-owner.ts';
import { asItCame } from '../../src/mailbox/delivery-hooks.ts';
import { requestWith } from '../support/messages.ts';
import { bindingOf } from '../support/registered.ts';

const binding = bindingOf('<sip:d0@127.0.0.1>;+sip.instance="d0"', { flow: 'd0' });
const accounts = Array.from({ length: 20 }, (_, i) => `u${i}`);

/** An edge's share of the mailboxes of accounts that all have one device, which takes what it gets. */
function owner(broker: MemoryBroker, clock: SimulatedClock, life: string, taken: () => void): MailboxOwner {
  const nothing = (): void => {};
  const observer = { acquired: nothing, lost: nothing, storeFailed: nothing, hookFailed: nothing };
  return new MailboxOwner({
    bus: broker.connect(),
    clock,
    life,
    lease: 9_000,
    instance: 'e1',
    hooks: asItCame,
    accountSince: () => 0,
    bindings: { live: () => [binding], names: () => accounts, onBound: nothing } as never,
    devices: { remembered: () => ['d0'], sweep: () => Promise.resolve() } as never,
    mailboxes: { hasMail: () => false, accounts: () => [], size: 0 } as never,
    drained: nothing,
    inflate: () => undefined,
    senderOf: () => 'user alice',
    events: { mailboxStuck: nothing, actors: { crashed: nothing, deadLetter: nothing }, placement: observer } as never,
    sender: {
      send: (request, _, user) => {
        taken();
        user.take(createResponseTo(request, 200));
      },
    },
  });
}

describe('An edge that survives another', () => {
  it('finds what that one stored and died before telling of, also in mailboxes that were its own before', async () => {
    const clock = new SimulatedClock();
    const broker = createMemoryBroker({ clock });
    let taken = 0;
    const take = (): void => {
      taken++;
    };
    const survivor = owner(broker, clock, 'survivor', take);
    const other = owner(broker, clock, 'other', take);
    await clock.run(60_000);
    const hears = async (account: string): Promise<boolean> => {
      const asked = survivor.hear(noNews(account));
      await clock.run(0);
      return (await asked) === 'heard';
    };
    const own: string[] = [];
    for (const account of accounts) if (await hears(account)) own.push(account);
    expect(own.length).toBeGreaterThan(0);
    expect(own.length).toBeLessThan(accounts.length);
    const stream = broker.connect().stream(streams.mailbox, edge.MailboxMessage);
    const request = serialise(requestWith('MESSAGE sip:bob@localhost'), nodeBytes);
    const copy = { request, storedAt: clock.wallTime(), expiresAt: 0, notBefore: 0, devices: ['d0'] };
    for (const account of accounts)
      unwrap(await stream.append(mailboxSubject(account), { ...copy, accountSince: 0, shared: false, others: [] }));
    await clock.run(60_000);
    expect(taken).toBe(0);
    const leaving = other[Symbol.asyncDispose]();
    await clock.run(60_000);
    await leaving;
    expect(taken).toBe(accounts.length);
    const ending = survivor[Symbol.asyncDispose]();
    await clock.run(60_000);
    await ending;
  });
});
