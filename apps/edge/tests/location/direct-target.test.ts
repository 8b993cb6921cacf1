import { createMemoryBus } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import { field, parseSipMessage } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import type { Flow } from '@parley/sip-stack';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { AccountBook } from '../../src/accounts/account-book.ts';
import { AccountEntries } from '../../src/location/account-entries.ts';
import { BindingBook } from '../../src/location/binding-book.ts';
import { DeviceBook } from '../../src/location/device-book.ts';
import { DirectTargets } from '../../src/location/direct-target.ts';
import { MailboxBook } from '../../src/location/mailbox-book.ts';
import type { Binding } from '../../src/registrar/binding.ts';
import { traitsOf } from '../../src/registrar/contact-traits.ts';

const seconds = 1000;
const day = 86_400 * seconds;

async function scene() {
  const clock = new SimulatedClock();
  const bus = createMemoryBus({ clock });
  const entries = new AccountEntries();
  const accounts = new AccountBook(bus, entries);
  const bindings = new BindingBook(bus, clock, 'e1', entries);
  const devices = new DeviceBook(bus, clock, day, entries);
  const mailboxes = new MailboxBook(bus, entries);
  const direct = new DirectTargets({ instance: 'e1', clock, entries, devices, mailboxes });
  const account = { name: 'bob', displayName: '', tel: '', secrets: undefined, createdAt: clock.wallTime() };
  unwrap(await accounts.add(account));
  const make = (key: string, parameters = '', more: Partial<Binding> = {}, uri = `sip:${key}@192.0.2.1`): Binding => {
    const contact = unwrap(field.contact.parse(`<${uri}>${parameters}`));
    if (contact === '*') throw new Error('expected an address');
    const times = { registeredAt: 0, refreshedAt: 0, accountSince: 0, expiresAt: clock.wallTime() + 60 * seconds };
    const route = {
      edgeInstance: 'e1',
      flow: 'f1',
      transport: 'TCP',
      path: [],
      target: uri,
    } as const;
    const rest = {
      callId: 'c',
      cSeq: 1,
      forRooms: false,
      outbound: false,
      series: undefined,
      supported: [],
      userAgent: '',
    };
    return { key, contact, ...traitsOf(contact), ...route, ...rest, ...times, ...more };
  };
  const register = async (...stored: Binding[]): Promise<void> => {
    unwrap(await devices.remember('bob', stored));
    unwrap(await bindings.apply('bob', { stored, removed: [] }));
    await clock.run(10);
  };
  return { clock, accounts, bindings, mailboxes, direct, make, register };
}

function message(...lines: readonly string[]): SipRequest {
  const parsed = unwrap(
    parseSipMessage(new TextEncoder().encode(['MESSAGE sip:bob@localhost SIP/2.0', ...lines, '\r\n'].join('\r\n'))),
  );
  if (parsed.kind !== 'request') throw new Error('expected a request');
  return parsed;
}

describe('The direct target of an account', () => {
  it('is its only device, as long as that is registered', async () => {
    const { clock, direct, make, register } = await scene();
    expect(direct.find('bob')).toBeUndefined();
    await register(make('a'));
    expect(direct.find('bob')?.target).toBe('sip:a@192.0.2.1');
    expect(direct.find('bob')).toBe(direct.find('bob'));
    await register(make('a', '', {}, 'sip:moved@192.0.2.1'));
    expect(direct.find('bob')?.target).toBe('sip:moved@192.0.2.1');
    await clock.run(61 * seconds);
    expect(direct.find('bob')).toBeUndefined();
  });

  it('is none where another device is registered, or away and remembered', async () => {
    const { bindings, clock, direct, make, register } = await scene();
    const [one, two] = [make('a', ';+sip.instance="<urn:uuid:1>"'), make('b', ';+sip.instance="<urn:uuid:2>"')];
    await register(one);
    expect(direct.find('bob')?.device).toBe('urn:uuid:1');
    await register(two);
    expect(direct.find('bob')).toBeUndefined();
    unwrap(await bindings.apply('bob', { stored: [], removed: [two] }));
    await clock.run(10);
    expect([bindings.live('bob').length, direct.find('bob')]).toEqual([1, undefined]);
  });

  it('is none while mail waits for the device', async () => {
    const { direct, mailboxes, make, register } = await scene();
    await register(make('a'));
    const copy = mailboxes.begin('bob', [''], 10);
    expect(direct.find('bob')).toBeUndefined();
    mailboxes.end('bob', copy, undefined);
    expect(direct.find('bob')?.device).toBe('');
  });

  it.each([
    ['at another edge', { edgeInstance: 'e2' }],
    ['behind a proxy (RFC 3327)', { path: ['<sip:p.example;lr>'] }],
    ['over no flow', { flow: '' }],
    ['for rooms', { forRooms: true }],
  ] as const)('is none where the device is %s', async (_, more) => {
    const { direct, make, register } = await scene();
    await register(make('a', '', more));
    expect(direct.find('bob')).toBeUndefined();
  });

  it('is none where the device is reached over TLS alone (RFC 5630)', async () => {
    const { direct, make, register } = await scene();
    await register(make('a', '', {}, 'sips:a@192.0.2.1'));
    expect(direct.find('bob')).toBeUndefined();
  });

  it('is none once the account is gone', async () => {
    const { accounts, clock, direct, make, register } = await scene();
    await register(make('a'));
    expect(direct.find('bob')).toBeDefined();
    unwrap(await accounts.remove(unwrap(await accounts.leave('bob', clock.wallTime()))));
    expect(direct.find('bob')).toBeUndefined();
  });

  it('does not suit who wants something of a device, unless it says nothing of itself (RFC 3841 §7.2)', async () => {
    const { direct, make, register } = await scene();
    const picky = message('Accept-Contact: *;mobility="fixed";require');
    await register(make('a'));
    expect(direct.find('bob')?.suits(picky)).toBe(true);
    await register(make('a', ';mobility="mobile"'));
    const known = direct.find('bob');
    expect([known?.suits(picky), known?.suits(message('Subject: x'))]).toEqual([false, true]);
  });

  it('finds its flow again once that is closed', async () => {
    const { direct, make, register } = await scene();
    await register(make('a'));
    const flows = [{ open: true }, { open: true }] as Flow[];
    let asked = 0;
    const find = (): Flow | undefined => flows[asked++];
    const known = direct.find('bob');
    expect([known?.flowIn({ find }), known?.flowIn({ find })]).toEqual([flows[0], flows[0]]);
    Object.assign(flows[0] ?? {}, { open: false });
    expect([known?.flowIn({ find }), asked]).toEqual([flows[1], 2]);
  });
});
