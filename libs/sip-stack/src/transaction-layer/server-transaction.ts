import type { SipRequest, SipResponse } from '@parley/sip';
import type { Flow } from '../flow.ts';
import type { InviteServerState } from '../transactions/invite-server.ts';
import type { NonInviteServerState } from '../transactions/non-invite-server.ts';
import { TimerEntry } from './timer-queues.ts';
import type { ServerName } from './transaction-name.ts';
import { TableEntry } from './transaction-table.ts';

/** State of either kind of server transaction. */
export type ServerState = InviteServerState | NonInviteServerState;

/** A request that came, as the one who answers it sees it. */
export interface ServerTransaction {
  /** As it came. */
  readonly request: SipRequest;
  /** Where responses go. */
  readonly flow: Flow;
  readonly state: ServerState;
  /** The latest response that was sent. */
  readonly lastResponse: SipResponse | undefined;
}

/** A server transaction as the layer keeps it; only the layer touches what is not in {@link ServerTransaction}. */
export class ServerRecord extends TableEntry<ServerRecord> implements ServerTransaction {
  readonly request: SipRequest;
  flow: Flow;
  readonly legacy: boolean;
  readonly invite: boolean;
  state: ServerState;
  lastResponse: SipResponse | undefined = undefined;
  /** The limit or wait timer; there is one at a time. */
  readonly deadline: TimerEntry<ServerRecord> = new TimerEntry<ServerRecord>(this);
  /** Timer G, when it runs. */
  repeat: TimerEntry<ServerRecord> | undefined = undefined;
  interval = 0;
  /** Key under which the ACK of an RFC 2543 client looks. */
  ackKey: string | undefined = undefined;
  /** Key among the requests that a UAS core has claimed. */
  mergeKey: string | undefined = undefined;
  /** Whether the user knows that the flow is closed. */
  unsendable = false;

  constructor(request: SipRequest, flow: Flow, { branch, sentBy, method, legacy }: ServerName) {
    super(branch, sentBy, method);
    this.request = request;
    this.flow = flow;
    this.legacy = legacy;
    this.invite = request.method === 'INVITE';
    this.state = this.invite ? 'Proceeding' : 'Trying';
  }
}
