import type { Dialog } from '@parley/sip-stack';
import type { Rates } from './rates.ts';

/** The way back to a device: the edge that holds its flow. */
export interface Reach {
  readonly edgeInstance: string;
  readonly flow: string;
  /** Whether it takes datagrams, which hold less. */
  readonly byDatagram: boolean;
}

/** What is known of one subscriber of one room. @spec RFC 6665 §4.2.1.1 */
export interface Subscription {
  /** Conference URI. */
  readonly room: string;
  /** Authenticated address-of-record. */
  readonly identity: string;
  readonly dialog: Dialog;
  /** Participant whose dialog it shares, in which the focus sends its NOTIFYs; undefined: the dialog is its own. */
  readonly participant: string | undefined;
  readonly reach: Reach;
  /** `id` of the Event header field, which every NOTIFY repeats; empty: none. @spec RFC 6665 §8.2.1 */
  readonly eventId: string;
  /** How often it wants to hear. */
  readonly rates: Rates;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Version of the last document; 0 before the first. @spec RFC 4575 §5.2 */
  readonly documentVersion: number;
  /** Version of the roster that it showed. */
  readonly rosterVersion: number;
  /** Id of the newest SUBSCRIBE that was carried out. */
  readonly lastCommand: string;
}

/** Whole seconds that are left, none below zero. */
export function secondsLeft({ expiresAt }: Pick<Subscription, 'expiresAt'>, now: number): number {
  return Math.max(0, Math.round((expiresAt - now) / 1000));
}
