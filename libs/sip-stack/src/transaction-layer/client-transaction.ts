import type { SipRequest } from '@parley/sip';
import type { Flow } from '../flow.ts';
import type { InviteClientState } from '../transactions/invite-client.ts';
import type { NonInviteClientState } from '../transactions/non-invite-client.ts';
import { Link } from './ring.ts';
import { TimerEntry } from './timer-queues.ts';
import { TableEntry } from './transaction-table.ts';
import type { ResponseUser } from './transaction-user.ts';

/** State of either kind of client transaction. */
export type ClientState = InviteClientState | NonInviteClientState;

/** A request on its way, as its sender sees it. */
export interface ClientTransaction {
  /** As it is sent, with our Via on top. */
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly branch: string;
  readonly state: ClientState;
}

/** A client transaction as the layer keeps it; only the layer touches what is not in {@link ClientTransaction}. */
export class ClientRecord extends TableEntry<ClientRecord> implements ClientTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly invite: boolean;
  readonly user: ResponseUser;
  state: ClientState;
  /** The limit or wait timer; there is one at a time. */
  readonly deadline: TimerEntry<ClientRecord> = new TimerEntry<ClientRecord>(this);
  /** Timer A or E; over reliable transports there is none. */
  repeat: TimerEntry<ClientRecord> | undefined = undefined;
  interval = 0;
  /** Place among those that wait for an answer on this flow. */
  readonly pending: Link<ClientRecord> = new Link<ClientRecord>(this);
  /** Whom to tell about the CANCEL that waits for the first provisional response. */
  cancelUser: ResponseUser | undefined = undefined;

  constructor(request: SipRequest, flow: Flow, branch: string, user: ResponseUser) {
    super(branch, '', request.method);
    this.request = request;
    this.flow = flow;
    this.user = user;
    this.invite = request.method === 'INVITE';
    this.state = this.invite ? 'Calling' : 'Trying';
  }
}
