import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import type { ContactAddress } from '@parley/sip';
import type { Registration } from './registration.ts';

/**
 * The contacts of a REGISTER with reg-id only where it counts: beside an instance, and where the first hop keeps the flow.
 *
 * @returns 439 where the device relies on a first hop that does not, 400 for a flow registered together with another contact
 * @spec RFC 5626 §6
 */
export function flowContacts(
  contacts: readonly ContactAddress[],
  { supported, isFlowKept, expires }: Registration,
): Result<readonly ContactAddress[], Refusal> {
  if (!contacts.some(({ regId }) => regId !== undefined)) return ok(contacts);
  if (!isFlowKept) return supported.includes('outbound') ? err(firstHopLacks) : ok(contacts.map(withoutRegId));
  const checked = contacts.map((contact) => (contact.instance === undefined ? withoutRegId(contact) : contact));
  const added = checked.filter((contact) => (contact.expires ?? expires) !== 0);
  return added.length > 1 && added.some(({ regId }) => regId !== undefined) ? err(severalContacts) : ok(checked);
}

function withoutRegId(contact: ContactAddress): ContactAddress {
  return contact.regId === undefined ? contact : { ...contact, regId: undefined };
}

const firstHopLacks = refusal(
  439,
  'First Hop Lacks Outbound Support',
  'expected ob in the Path of the proxy next to the device',
);
const severalContacts = refusal(
  400,
  'One Flow At A Time',
  'expected a contact with reg-id to be the only one that is added',
);
