import { encodeToken } from './token.ts';

/** Key in `accounts`. */
export function accountKey(name: string): string {
  return encodeToken(name);
}

/** Key in `numbers`. @param number - in one spelling */
export function numberKey(number: string): string {
  return encodeToken(number);
}

/** Key in `bindings`; `binding` tells the bindings of one address-of-record apart. */
export function bindingKey(aor: string, binding: string): string {
  return `${encodeToken(aor)}.${encodeToken(binding)}`;
}

/** Prefix of the keys of all bindings of an address-of-record, for listing and watching. */
export function bindingsPrefix(aor: string): string {
  return `${encodeToken(aor)}.`;
}

/** Key in `mailboxes`. */
export function mailboxKey(account: string): string {
  return encodeToken(account);
}

/** Key in `devices`. */
export function deviceKey(account: string, device: string): string {
  return `${encodeToken(account)}.${encodeToken(device)}`;
}

/** Prefix of the keys of all devices of an account. */
export function devicesPrefix(account: string): string {
  return `${encodeToken(account)}.`;
}

/** Key in `receipts`. */
export function receiptKey(account: string, messageId: string): string {
  return `${encodeToken(account)}.${encodeToken(messageId)}`;
}

/** Key in `lists`. */
export function listKey(name: string): string {
  return encodeToken(name);
}

/** Key of a room's own record in `rooms`. */
export function roomKey(room: string): string {
  return encodeToken(room);
}

/** Key of a participant's record in `rooms`. */
export function participantKey(room: string, participant: string): string {
  return `${encodeToken(room)}.${encodeToken(participant)}`;
}

/** Prefix of the keys of all participants of a room; the room's own record is not among them. */
export function participantsPrefix(room: string): string {
  return `${encodeToken(room)}.`;
}

/** Key in `nicknames`; `prepared` is the comparison key of the nickname (RFC 8266 §2.4), `scope` the room or domain. */
export function nicknameKey(scope: string, prepared: string): string {
  return `${encodeToken(scope)}.${encodeToken(prepared)}`;
}

/** Prefix of the keys of all nicknames of a scope. */
export function nicknamesPrefix(scope: string): string {
  return `${encodeToken(scope)}.`;
}

/** Key in `history-amendments` of what became of the messages whose numbers lie in one range. */
export function historyAmendmentsKey(room: string, range: number): string {
  return `${encodeToken(room)}.${range}`;
}

/** Prefix of the keys of all ranges of a room. */
export function historyAmendmentsPrefix(room: string): string {
  return `${encodeToken(room)}.`;
}

/** Key in `subscriptions`; a dialog is named by Call-ID, local tag and remote tag (RFC 3261 §12). */
export function subscriptionKey(callId: string, localTag: string, remoteTag: string): string {
  return `${encodeToken(callId)}.${encodeToken(localTag)}.${encodeToken(remoteTag)}`;
}
