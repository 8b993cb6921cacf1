import { unwrap } from '@parley/prelude';
import type { ContactAddress } from '@parley/sip';
import { field } from '@parley/sip';
import type { Binding } from '../../src/registrar/binding.ts';
import { targetOf } from '../../src/registrar/binding.ts';
import { traitsOf } from '../../src/registrar/contact-traits.ts';

/** A Contact value that is an address. */
export function contactOf(text: string): ContactAddress {
  const value = unwrap(field.contact.parse(text));
  if (value === '*') throw new Error('expected an address');
  return value;
}

let keys = 0;

/** A binding over a connection to the edge e1, registered with this Contact value. */
export function bindingOf(text: string, more: Partial<Binding> = {}): Binding {
  const contact = contactOf(text);
  return {
    key: `b${++keys}`,
    contact,
    ...traitsOf(contact),
    target: targetOf(contact),
    path: [],
    callId: 'c1',
    cSeq: 1,
    expiresAt: 2_000_000_000_000,
    registeredAt: 0,
    refreshedAt: 0,
    accountSince: 0,
    supported: [],
    userAgent: '',
    edgeInstance: 'e1',
    flow: 'f1',
    transport: 'TCP',
    forRooms: false,
    outbound: false,
    series: undefined,
    ...more,
  };
}
