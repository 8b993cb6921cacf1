import type { ContactAddress } from '@parley/sip';
import { serialiseUri } from '@parley/sip';
import type { TransportProtocol } from '@parley/sip-stack';
import type { ContactTraits } from './contact-traits.ts';

/** The way that leads to a device. */
export interface BindingRoute {
  /** Edge that the device registered through. */
  readonly edgeInstance: string;
  /** Flow on that edge; the binding ends with it where the transport is a connection. Empty: the contact says where. */
  readonly flow: string;
  readonly transport: TransportProtocol;
}

/** What the temporary GRUUs of one device have in common for as long as they are valid. @spec RFC 5627 §5.1, §5.3 */
export interface GruuSeries {
  /** Unguessable, and new whenever earlier temporary GRUUs lose their validity. */
  readonly token: string;
  /** CSeq number of the REGISTER that began it. @spec RFC 5628 §5.2 */
  readonly cSeq: number;
}

/** One contact registered for an address-of-record. @spec RFC 3261 §10 */
export interface Binding extends BindingRoute, ContactTraits {
  /** Names the binding among those of its address-of-record; stays through refreshes. */
  readonly key: string;
  /** As registered, without its expires parameter. */
  readonly contact: ContactAddress;
  /** Request-URI of what is forwarded to it: the contact's URI, written out. */
  readonly target: string;
  /** Values of Path, topmost first. @spec RFC 3327 §5.3 */
  readonly path: readonly string[];
  readonly callId: string;
  readonly cSeq: number;
  /** Wall time in milliseconds. */
  readonly expiresAt: number;
  readonly registeredAt: number;
  /** When the account that made it was made, wall time in milliseconds: one of the same name may follow. */
  readonly accountSince: number;
  /** When the last REGISTER for it came; wall time in milliseconds. */
  readonly refreshedAt: number;
  /** Option tags of Supported. */
  readonly supported: readonly string[];
  readonly userAgent: string;
  /** Whether it was registered at the chat domain: it serves rooms, and is sent no requests. */
  readonly forRooms: boolean;
  /** Whether it is the binding of a flow, named by instance and reg-id, whose keep-alives were promised. @spec RFC 5626 §6 */
  readonly outbound: boolean;
  /** Undefined for a contact without `+sip.instance`. */
  readonly series: GruuSeries | undefined;
}

/** Preference of a binding among others, 0 to 1; 1 when the device said nothing. @spec RFC 3261 §10.2.1.2 */
export function preferenceOf(binding: Binding): number {
  return binding.contact.q ?? 1;
}

/** Request-URI for a contact: its URI, without the headers that a Request-URI cannot have. @spec RFC 3261 §19.1.1 (Table 1) */
export function targetOf({ uri }: ContactAddress): string {
  return serialiseUri(uri.kind === 'sip' && uri.headers.length > 0 ? { ...uri, headers: [] } : uri);
}

/** Whether the binding ends with the connection that it was registered over. @spec RFC 5626 §6 */
export function isOnConnection({ flow, transport }: BindingRoute): boolean {
  return flow !== '' && transport !== 'UDP';
}

/**
 * Whether requests to the address-of-record go there. A contact of another scheme than SIP is kept and told, as any URI
 * may be one (RFC 3261 §10.2.1), but a proxy forwards to none (§16.5).
 */
export function isTarget({ contact, forRooms }: Binding): boolean {
  return !forRooms && contact.uri.kind === 'sip';
}

/** Whether two contacts are of one device. @spec RFC 5626 §4.1 */
export function isSameInstance(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a.toLowerCase() === b?.toLowerCase();
}
