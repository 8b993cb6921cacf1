import type { SipRequest, SipResponse } from '@parley/sip';
import type { Amendment } from '../replace/amendment.ts';
import type { Followed } from '../traces/followed.ts';

/** What became of a message on its way to the devices of an account. */
export type MessageFate =
  /** The first copy of it is stored: JetStream has it. Once per message. */
  | { readonly kind: 'stored' }
  /** It took back what was stored. */
  | { readonly kind: 'recalled' }
  /** A device took it in another form than it came in. */
  | { readonly kind: 'adapted'; readonly device: string; readonly sent: SipRequest }
  /** A device will never take it, as it answered, and no other has it. */
  | { readonly kind: 'refused'; readonly device: string; readonly answer: SipResponse | undefined }
  /** It did not come as far as a device: nobody here has the address, or whose domain it is refused it. */
  | { readonly kind: 'undeliverable'; readonly reason: string }
  /** Its time was over before any of these devices took its stored copy; none: the account never had a device. */
  | { readonly kind: 'expired'; readonly devices: readonly string[] }
  /** An operator cleared the mailbox before any of these devices took it. */
  | { readonly kind: 'cleared'; readonly devices: readonly string[] };

/**
 * Where others take part in bringing messages to devices: the form in which a device gets them, and who hears what
 * became of them. Called on the path of every message, so that what changes nothing must cost nothing. Requests are as
 * they are forwarded or stored: without Via of ours, Route and target of a device.
 */
export interface DeliveryHooks {
  /**
   * What a device gets of a message: the request itself, another, or undefined: nothing, and it counts as taken.
   * The way fields (Request-URI, Via, Route, Max-Forwards) are put on what is returned.
   */
  contentFor(account: string, device: string, request: SipRequest): SipRequest | undefined;
  /** What is sent at once instead of `sent`, which a device refused for good with this response; undefined: nothing. */
  instead(account: string, device: string, sent: SipRequest, response: SipResponse): SipRequest | undefined;
  /**
   * Hears what became of a message. Of a stored copy, a promise is awaited before the copy counts as done, so that a crash
   * tells it again rather than never; it must not reject. After a crash the same may be told twice.
   */
  became(account: string, request: SipRequest, fate: MessageFate): Promise<void> | undefined;
  /** Who keeps what becomes of messages whose senders asked. */
  readonly traces?: DeliveryTraces;
}

/** Keeps what becomes of messages; at no cost for those whose senders did not ask. */
export interface DeliveryTraces {
  /** Begins to follow a message; undefined: nobody asked. */
  follow(account: string, request: SipRequest): Followed | undefined;
  /** How the delivery of a stored copy ended; an answer is a refusal. */
  ended(account: string, device: string, octets: Uint8Array, answer: SipResponse | 'taken' | undefined): void;
  /** Stored copies of another message were amended by this one. */
  amended(account: string, request: SipRequest, amendment: Amendment, devices: readonly string[]): void;
}

/** Every device gets every message as it came. */
export const asItCame: DeliveryHooks = {
  contentFor: (_account, _device, request) => request,
  instead: () => undefined,
  became: () => undefined,
};
