import { err, ok, peerViolation } from '@parley/prelude';
import type { PeerViolation, Result } from '@parley/prelude';
import { field, read, serialiseUri } from '@parley/sip';
import type { DialogParty, SipMessage } from '@parley/sip';
import { dialogId } from './dialog.ts';
import type { Dialog } from './dialog.ts';

/** What the header fields of a message say of its dialog. */
export interface Parties {
  readonly callId: string;
  readonly from: DialogParty;
  readonly to: DialogParty;
  readonly sequence: number;
  readonly method: string;
}

/** Reads them, or names the field that is missing or malformed. */
export function partiesOf(message: SipMessage): Result<Parties, PeerViolation> {
  const callId = read(message, field.callId);
  const from = read(message, field.from);
  const to = read(message, field.to);
  const cSeq = read(message, field.cSeq);
  if (!callId.ok || callId.value === undefined) return missing('Call-ID');
  if (!from.ok || from.value === undefined) return missing('From');
  if (!to.ok || to.value === undefined) return missing('To');
  if (!cSeq.ok || cSeq.value === undefined) return missing('CSeq');
  return ok({ callId: callId.value, from: from.value, to: to.value, ...cSeq.value });
}

function missing(name: string): Result<never, PeerViolation> {
  return err(peerViolation(400, 'RFC 3261 §8.1.1', `expected a readable ${name}`));
}

/** The address without its tag, as it goes into our From or To. */
export function addressOf({ tag: _tag, ...party }: DialogParty): string {
  return field.from.serialise(party);
}

/** URI of the first Contact; undefined where there is none that can be read, or only `*`. */
export function contactUri(message: SipMessage): string | undefined {
  const contact = read(message, field.contact);
  return contact.ok && contact.value !== undefined && contact.value !== '*'
    ? serialiseUri(contact.value.uri)
    : undefined;
}

/**
 * Id of the dialog that a message which came belongs to: the peer's tag is in From of a request and in To of a response.
 *
 * @returns undefined when it cannot be read, or a request has no To tag, so that it is outside of any dialog
 * @spec RFC 3261 §12
 */
export function dialogIdOf(message: SipMessage): string | undefined {
  const parties = partiesOf(message);
  if (!parties.ok) return undefined;
  const { callId, from, to } = parties.value;
  const [local, remote] = message.kind === 'request' ? [to, from] : [from, to];
  if (local.tag === undefined) return undefined;
  return dialogId({ callId, localTag: local.tag, remoteTag: remote.tag ?? '' });
}

/** Whether a message that came belongs to the dialog. Where there are many, look them up by {@link dialogIdOf}. */
export function matchDialog(dialog: Dialog, message: SipMessage): boolean {
  return dialogIdOf(message) === dialogId(dialog);
}
