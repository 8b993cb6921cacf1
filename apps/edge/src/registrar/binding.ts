import type { ContactAddress } from '@parley/sip';
import { serialiseUri } from '@parley/sip';
import type { TransportProtocol } from '@parley/sip-stack';

/** The way that leads to a device. */
export interface BindingRoute {
  /** Edge that the device registered through. */
  readonly edgeInstance: string;
  /** Flow on that edge; the binding ends with it where the transport is a connection. Empty: the contact says where. */
  readonly flow: string;
  readonly transport: TransportProtocol;
}

/** One contact registered for an address-of-record. @spec RFC 3261 §10 */
export interface Binding extends BindingRoute {
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
  /** Option tags of Supported. */
  readonly supported: readonly string[];
  readonly userAgent: string;
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
