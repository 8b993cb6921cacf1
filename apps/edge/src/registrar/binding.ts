import type { ContactAddress } from '@parley/sip';
import type { TransportProtocol } from '@parley/sip-stack';

/** Where the requests for a binding go. */
export interface BindingRoute {
  /** Edge that the device registered through. */
  readonly edgeInstance: string;
  /** Flow on that edge; the binding ends with it where the transport is a connection. */
  readonly flow: string;
  readonly transport: TransportProtocol;
  /** Values of Path, topmost first. @spec RFC 3327 §5.3 */
  readonly path: readonly string[];
}

/** One contact registered for an address-of-record. @spec RFC 3261 §10 */
export interface Binding extends BindingRoute {
  /** Names the binding among those of its address-of-record; stays through refreshes. */
  readonly key: string;
  /** As registered, without its expires parameter. */
  readonly contact: ContactAddress;
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
