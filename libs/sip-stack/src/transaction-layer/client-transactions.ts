import { transportFailure } from '@parley/prelude';
import type { Clock, TransportFailure } from '@parley/prelude';
import { field, read, withTop } from '@parley/sip';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { Flow } from '../flow.ts';
import { inviteClientMachine } from '../transactions/invite-client.ts';
import type { InviteClientState, InviteClientStimulus } from '../transactions/invite-client.ts';
import type { TransactionEffect, Transition } from '../transactions/machine.ts';
import { nonInviteClientMachine } from '../transactions/non-invite-client.ts';
import type { NonInviteClientState, NonInviteClientStimulus } from '../transactions/non-invite-client.ts';
import { defaultTimers } from '../transactions/timers.ts';
import type { TimerName } from '../transactions/timers.ts';
import { createCancel, createNon2xxAck } from './ack.ts';
import { createBranchSource } from './branch.ts';
import { ClientRecord } from './client-transaction.ts';
import type { ClientState } from './client-transaction.ts';
import { defaultMaxTransactions } from './layer-options.ts';
import type { TransactionCounts, TransactionLayerOptions } from './layer-options.ts';
import { PendingByFlow } from './pending-by-flow.ts';
import { rawVia } from './raw-via.ts';
import { timerStimulus } from './timer-stimulus.ts';
import { cSeqMethod } from './top-via.ts';
import { randomSeed, TransactionTable } from './transaction-table.ts';
import { TransactionTimers } from './transaction-timers.ts';
import type { ResponseUser } from './transaction-user.ts';

type ClientStimulus = InviteClientStimulus | NonInviteClientStimulus;
type Cell = Transition<ClientState> | undefined;

/** The client half of the layer: our requests and the responses to them. @spec RFC 3261 §17.1 */
export class ClientTransactions {
  private readonly table: TransactionTable<ClientRecord>;
  private readonly flows = new PendingByFlow();
  private readonly timers: TransactionTimers<ClientRecord>;
  private readonly clock: Clock;
  private readonly sentBy: (flow: Flow) => string;
  private readonly nextBranch: () => string;
  private readonly limit: number;
  private readonly counts: TransactionCounts;
  /** What the transport said of the flow that failed, while its transactions hear of it. */
  private failure: TransportFailure | undefined = undefined;

  constructor(options: TransactionLayerOptions, counts: TransactionCounts) {
    this.table = new TransactionTable(randomSeed(options.random));
    this.clock = options.clock;
    this.sentBy = options.sentBy;
    this.nextBranch = createBranchSource(options.random, options.branchTag);
    this.limit = options.maxTransactions ?? defaultMaxTransactions;
    this.counts = counts;
    this.timers = new TransactionTimers(options.clock, options.timers ?? defaultTimers, options.grain ?? 10, this.ring);
  }

  get size(): number {
    return this.table.size;
  }

  /** Puts our Via on top of the request. @spec RFC 3261 §18.1.1, RFC 3581 §3 */
  withVia(request: SipRequest, flow: Flow, branch = this.nextBranch()): SipRequest {
    return withTop(request, rawVia, `SIP/2.0/${flow.protocol} ${this.sentBy(flow)};rport;branch=${branch}`);
  }

  send(request: SipRequest, flow: Flow, user: ResponseUser, branch = this.nextBranch()): ClientRecord {
    return this.start(this.withVia(request, flow, branch), flow, branch, user);
  }

  cancel(record: ClientRecord, user: ResponseUser): void {
    record.cancelUser = user;
    if (record.state === 'Proceeding') this.sendCancel(record);
  }

  receive(response: SipResponse): void {
    const record = this.find(response);
    if (record === undefined) {
      this.counts.strays++;
      return;
    }
    this.step(record, stimulusOf(response.statusCode, record.invite), response);
    if (record.cancelUser !== undefined && record.state === 'Proceeding') this.sendCancel(record);
  }

  flowClosed(flow: Flow, failure: TransportFailure | undefined): void {
    this.failure = failure;
    for (const record of this.flows.take(flow)) this.step(record, 'transport error');
    this.failure = undefined;
  }

  close(): void {
    this.timers.close();
    this.table.clear();
  }

  /** By our branch and the method of CSeq, since a CANCEL shares the branch of its INVITE. @spec RFC 3261 §17.1.3 */
  private find(response: SipResponse): ClientRecord | undefined {
    const via = read(response, field.via);
    const branch = via.ok ? via.value?.branch : undefined;
    const method = cSeqMethod(response);
    return branch === undefined || method === undefined ? undefined : this.table.find(branch, '', method);
  }

  private start(request: SipRequest, flow: Flow, branch: string, user: ResponseUser): ClientRecord {
    const record = new ClientRecord(request, flow, branch, user);
    if (!flow.open || !this.makeRoom()) this.fail(record);
    else {
      this.table.add(record);
      this.flows.add(record);
      const { initial } = record.invite ? inviteClientMachine : nonInviteClientMachine;
      this.perform(record, initial, undefined);
    }
    return record;
  }

  /** Tells the user later, so that it has the transaction in hand. */
  private fail(record: ClientRecord): void {
    const reason = record.flow.open ? 'too many transactions' : 'the flow is closed';
    record.state = 'Terminated';
    this.clock.after(0, () => {
      record.user.onTransportError(record, transportFailure(reason, true));
    });
  }

  private makeRoom(): boolean {
    if (this.table.size < this.limit) return true;
    const straggler = this.timers.oldest('D')?.owner;
    if (straggler === undefined) return false;
    this.counts.shed++;
    this.end(straggler);
    return true;
  }

  private sendCancel(record: ClientRecord): void {
    const user = record.cancelUser;
    if (user === undefined) return;
    record.cancelUser = undefined;
    this.step(record, 'CANCEL');
    this.start(createCancel(record.request), record.flow, record.branch, user);
  }

  private readonly ring = (record: ClientRecord, timer: TimerName): void => {
    this.step(record, timerStimulus[timer]);
  };

  private step(record: ClientRecord, stimulus: TimerStimulus | ClientStimulus, response?: SipResponse): void {
    const cell: Cell = record.invite
      ? inviteClientMachine.table[record.state as InviteClientState][stimulus as InviteClientStimulus]
      : nonInviteClientMachine.table[record.state as NonInviteClientState][stimulus as NonInviteClientStimulus];
    if (cell !== undefined) this.perform(record, cell, response);
  }

  private perform(record: ClientRecord, cell: Transition<ClientState>, response: SipResponse | undefined): void {
    record.state = cell.to;
    let due: TimerName | undefined;
    try {
      for (const effect of cell.effects) due = this.carryOut(effect, record, response) ?? due;
    } finally {
      // A user that throws must not leave a transaction that nothing ends.
      this.settle(record, due);
    }
  }

  private settle(record: ClientRecord, due: TimerName | undefined): void {
    if (due !== undefined) this.step(record, timerStimulus[due]);
    if (record.state === 'Terminated') this.end(record);
    else if (record.state === 'Completed' || record.state === 'Accepted') this.flows.remove(record);
  }

  /** @returns the timer that is due at once, if the effect started such */
  private carryOut(effect: TransactionEffect, record: ClientRecord, response?: SipResponse): TimerName | undefined {
    switch (effect.kind) {
      case 'ArmTimer':
        // Nothing has to wait for Timer K: a response that comes again finds no transaction, and is dropped for that.
        return effect.timer !== 'K' && this.timers.arm(record, effect.timer) ? undefined : effect.timer;
      case 'ResetTimer':
        this.counts.retransmitted++;
        this.timers.reset(record, effect.timer, effect.to);
        return undefined;
      case 'StopTimer':
        this.timers.stop(record, effect.timer);
        return undefined;
      case 'SendRequest':
        record.flow.send(record.request);
        return undefined;
      default:
        this.tell(effect, record, response);
        return undefined;
    }
  }

  private tell(effect: TransactionEffect, record: ClientRecord, response: SipResponse | undefined): void {
    if (effect.kind === 'InformTimeout') record.user.onTimeout(record);
    else if (effect.kind === 'InformTransportError') {
      record.user.onTransportError(record, this.failure ?? transportFailure('the flow was closed', true));
    } else if (response === undefined) return;
    else if (effect.kind === 'SendAck') this.acknowledge(record, response);
    else if (effect.kind === 'Pass' && response.statusCode < 200) record.user.onProvisional(response, record);
    else if (effect.kind === 'Pass') record.user.onFinal(response, record);
  }

  /** @deviation on a closed flow nothing is sent or said: the user has its final response, and nothing is left to do */
  private acknowledge(record: ClientRecord, response: SipResponse): void {
    if (record.flow.open) record.flow.send(createNon2xxAck(record.request, response));
  }

  private end(record: ClientRecord): void {
    record.state = 'Terminated';
    this.timers.stopAll(record);
    this.flows.remove(record);
    this.table.remove(record);
  }
}

type TimerStimulus = (typeof timerStimulus)[TimerName];

function stimulusOf(status: number, invite: boolean): ClientStimulus {
  if (status < 200) return '1xx';
  if (!invite) return '200-699';
  return status < 300 ? '2xx' : '300-699';
}
