import type { Clock, Random } from '@parley/prelude';
import type { RawField, SipRequest } from '@parley/sip';
import type { DigestHash, Flow, FlowObserver, TimerSettings } from '@parley/sip-stack';
import type { Call } from './call.ts';

/** What goes back to a request, beyond what the request dictates. */
export interface Reply {
  readonly status: number;
  readonly fields?: readonly RawField[];
  readonly body?: Uint8Array;
}

/** What the user of an agent does with requests that come. Each may answer later. */
export interface UserAgentHandlers {
  /** A MESSAGE; default 200. */
  readonly onMessage?: (request: SipRequest) => Reply | Promise<Reply>;
  /** An INVITE outside of any dialog; default 480. With a 2xx, `onCall` follows. */
  readonly onInvite?: (request: SipRequest) => Reply | Promise<Reply>;
  /** The call that an accepted INVITE made. */
  readonly onCall?: (call: Call) => void;
  /** Any other request, also one of a dialog that no call is; default 200 to OPTIONS, 405 to the rest, 481 in a dialog. */
  readonly onRequest?: (request: SipRequest) => Reply | undefined;
}

/** What a user agent is built from; nothing of it needs a particular runtime. */
export interface UserAgentOptions extends UserAgentHandlers {
  /** Address-of-record, a SIP URI. */
  readonly aor: string;
  readonly displayName?: string;
  /** For digest; the user part of the address when absent. */
  readonly username?: string;
  readonly password?: string;
  /** Opens the flow to the registrar or outbound proxy; asked again after one has closed. */
  readonly openFlow: (observer: FlowObserver) => Flow;
  /** URI at which this agent is reached over the flow. */
  readonly contactUri?: (flow: Flow) => string;
  /** Host and port of our Via; default that of the flow, or an invalid name over WebSocket (RFC 7118 §5). */
  readonly sentBy?: (flow: Flow) => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly hash: DigestHash;
  /** URN of the device, for `+sip.instance`. @spec RFC 5626 §4.1 */
  readonly instance?: string;
  /** Option tags for Supported. */
  readonly supported?: readonly string[];
  readonly timers?: TimerSettings;
}

/** Methods that an agent answers. */
export const allowedMethods = 'INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, NOTIFY';
