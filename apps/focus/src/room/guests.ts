import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { Recipient } from '@parley/resource-lists';
import { recipientHistory, serialiseResourceLists, uniqueRecipients } from '@parley/resource-lists';
import { nodeBytes } from '@parley/service';
import { field, readAll } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { recipientListInvite } from '../sip/recipient-list.ts';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { sipRefusal } from '../sip/sip-refusal.ts';
import { addressOfRecord } from './address-of-record.ts';

/** Those whom a newcomer wants to have called, and what each of them is told of the others. */
export interface Guests {
  /** Addresses-of-record. */
  readonly called: readonly string[];
  /** A recipient-history list; undefined: nobody is to be seen. */
  readonly history: Uint8Array | undefined;
}

/** Calls that one INVITE may cause: as many as ring at a time in a room. */
export const mostGuests = 64;

/**
 * Whom the list of an INVITE names: each once, and its sender not at all.
 *
 * @param inviter - address-of-record
 * @returns 400 for a URI that names nobody, 403 for too many
 * @spec RFC 5366 §5, RFC 5363 §4.1, RFC 5364 §4
 */
function guestsOf(recipients: readonly Recipient[], inviter: string): Result<Guests, SipRefusal> {
  const named = recipients.map((recipient) => ({ ...recipient, address: addressOfRecord(recipient.uri) }));
  const nobody = named.findIndex(({ address }) => address === undefined);
  if (nobody >= 0) return err(sipRefusal(400, `the recipient list: entry ${nobody + 1} is no SIP URI of somebody`));
  const unique = uniqueRecipients(named, ({ address = '' }) => address);
  const called = unique.flatMap(({ address = inviter }) => (address === inviter ? [] : [address]));
  if (called.length > mostGuests) {
    return err({ ...sipRefusal(403, `expected at most ${mostGuests} recipients`), phrase: 'Too Many Recipients' });
  }
  const history = recipientHistory(unique.map(({ address, ...rest }) => ({ ...rest, uri: address ?? rest.uri })));
  return ok({ called, history: history && serialiseResourceLists(history, nodeBytes) });
}

/** No guests at all. */
export const nobody: Guests = { called: [], history: undefined };

/**
 * Whom an INVITE wants to have called.
 *
 * @param recipients - of its list; undefined: it has none
 * @returns 400 where it says that it has one, and what {@link guestsOf} says
 */
export function guestsIn(
  request: SipRequest,
  recipients: readonly Recipient[] | undefined,
  inviter: string,
): Result<Guests, SipRefusal> {
  if (recipients !== undefined) return guestsOf(recipients, inviter);
  const required = readAll(request, field.require);
  const isMissing = required.ok && required.value.some((tag) => tag.toLowerCase() === recipientListInvite);
  if (isMissing) return err(sipRefusal(400, 'expected a body part with Content-Disposition: recipient-list'));
  return ok(nobody);
}
