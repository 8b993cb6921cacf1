import { noBytes, portableCodec } from '@parley/prelude';
import type { ByteCodec } from '@parley/prelude';
import { createResponseTo, field, parseSipMessage, read, readRaw, serialiseHead } from '@parley/sip';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { Flow } from '../flow.ts';
import { inviteServerMachine } from '../transactions/invite-server.ts';
import type { InviteServerState, InviteServerStimulus } from '../transactions/invite-server.ts';
import type { TransactionEffect, Transition } from '../transactions/machine.ts';
import { nonInviteServerMachine } from '../transactions/non-invite-server.ts';
import type { NonInviteServerState, NonInviteServerStimulus } from '../transactions/non-invite-server.ts';
import { defaultTimers, timerDuration } from '../transactions/timers.ts';
import type { TimerName } from '../transactions/timers.ts';
import { CompletedRequests } from './completed-requests.ts';
import { defaultCompletedOctets, defaultMaxCompleted, defaultMaxTransactions } from './layer-options.ts';
import type { TransactionCounts, TransactionLayerOptions } from './layer-options.ts';
import { legacyAckKey } from './legacy-key.ts';
import { mergeKeyOf } from './merge-key.ts';
import { responseFlow } from './response-flow.ts';
import { ServerRecord } from './server-transaction.ts';
import type { ServerState } from './server-transaction.ts';
import { timerStimulus } from './timer-stimulus.ts';
import { cSeqMethod } from './top-via.ts';
import { serverName } from './transaction-name.ts';
import type { ServerName } from './transaction-name.ts';
import { randomSeed, TransactionTable } from './transaction-table.ts';
import { TransactionTimers } from './transaction-timers.ts';
import type { ServerTrouble, TransactionUser } from './transaction-user.ts';

type ServerStimulus = InviteServerStimulus | NonInviteServerStimulus;
type TimerStimulus = (typeof timerStimulus)[TimerName];

/** The server half of the layer: requests that come and the responses to them. @spec RFC 3261 §17.2 */
export class ServerTransactions {
  private readonly table: TransactionTable<ServerRecord>;
  /** INVITEs of RFC 2543 clients that were answered, by what their ACK is matched by. */
  private readonly legacyAcks = new Map<string, ServerRecord>();
  private readonly claims = new Map<string, ServerRecord>();
  private readonly completed: CompletedRequests;
  private readonly codec: ByteCodec;
  private readonly timers: TransactionTimers<ServerRecord>;
  private readonly user: () => TransactionUser;
  private readonly limit: number;
  private readonly retryAfter: string;
  private readonly flowTo: TransactionLayerOptions['flowTo'];
  private readonly counts: TransactionCounts;

  constructor(options: TransactionLayerOptions, counts: TransactionCounts) {
    this.table = new TransactionTable(randomSeed(options.random));
    this.user = options.user;
    this.limit = options.maxTransactions ?? defaultMaxTransactions;
    this.retryAfter = String(options.retryAfter ?? 5);
    this.counts = counts;
    this.flowTo = options.flowTo;
    const { clock, random, timers = defaultTimers, codec = portableCodec } = options;
    this.timers = new TransactionTimers(clock, timers, options.grain ?? 10, this.ring);
    this.codec = codec;
    this.completed = new CompletedRequests(clock, codec, randomSeed(random), {
      wait: timerDuration('J', timers, false) ?? 0,
      entries: options.maxCompleted ?? defaultMaxCompleted,
      octets: options.completedOctets ?? defaultCompletedOctets,
    });
  }

  /** With those of which only the response is left. */
  get size(): number {
    return this.table.size + this.completed.size;
  }

  receive(request: SipRequest, flow: Flow): void {
    const name = serverName(request);
    if (name === undefined) {
      this.refuseUnnamed(request, flow);
      return;
    }
    const found = this.find(name);
    if (found !== undefined) this.receiveAgain(found, request);
    else if (this.repeatCompleted(name, request, flow)) this.counts.absorbed++;
    else if (request.method === 'ACK') this.user().onAck(request, flow, undefined);
    else if (cSeqMethod(request) !== request.method) this.refuse(request, flow, 400, 'Bad CSeq');
    else if (this.table.size >= this.limit) this.refuse(request, flow, 503);
    else this.start(new ServerRecord(request, responseFlow(request, flow, this.flowTo), name));
  }

  /** Whether a request came before, under a branch that identifies its transaction. */
  hasSeen(branch: string, sentBy: string, method: string): boolean {
    const isKnown = this.table.find(branch, sentBy, method) !== undefined;
    return isKnown || this.completed.find(branch, sentBy, method) !== undefined;
  }

  /** @returns false when the state, or RFC 4320, does not allow the response */
  respond(record: ServerRecord, response: SipResponse): boolean {
    const stimulus = stimulusOf(record, response.statusCode);
    if (stimulus !== undefined && this.step(record, stimulus, response)) return true;
    this.counts.withheld++;
    return false;
  }

  /** @returns false when another transaction of the same request is claimed already */
  claim(record: ServerRecord): boolean {
    const key = mergeKeyOf(record.request);
    if (key === undefined || record.state === 'Terminated') return true;
    const first = this.claims.get(key);
    if (first !== undefined) return first === record;
    if (this.completed.find(key, '', claimed) !== undefined) return false;
    record.mergeKey = key;
    this.claims.set(key, record);
    return true;
  }

  moveTo(record: ServerRecord, flow: Flow): void {
    record.flow = flow;
    record.unsendable = false;
    if (record.lastResponse !== undefined && record.state !== 'Terminated') this.send(record, record.lastResponse);
  }

  close(): void {
    this.timers.close();
    this.table.clear();
    this.legacyAcks.clear();
    this.claims.clear();
    this.completed.clear();
  }

  /** Whatever its Via says that cannot be read, the request came over a flow. @spec RFC 4475 §3.1.2.1 */
  private refuseUnnamed(request: SipRequest, flow: Flow): void {
    if (request.method === 'ACK' || readRaw(request, 'Via') === undefined) this.counts.malformed++;
    else this.refuse(request, flow, 400, 'Bad Via');
  }

  private find({ branch, sentBy, method, legacy }: ServerName): ServerRecord | undefined {
    const found = this.table.find(branch, sentBy, method);
    return found === undefined && legacy ? this.legacyAcks.get(branch) : found;
  }

  /** Answers a request that comes again when nothing but its response is left; whether it is one. @spec RFC 3261 §17.2.2 */
  private repeatCompleted({ branch, sentBy, method }: ServerName, request: SipRequest, flow: Flow): boolean {
    const octets = flow.reliable ? undefined : this.completed.find(branch, sentBy, method);
    const response = octets && parseSipMessage(octets, { codec: this.codec });
    if (response?.ok !== true) return false;
    responseFlow(request, flow, this.flowTo).send(response.value);
    return true;
  }

  private start(record: ServerRecord): void {
    this.counts.accepted++;
    this.table.add(record);
    const { initial } = record.invite ? inviteServerMachine : nonInviteServerMachine;
    this.perform(record, initial, undefined);
  }

  private receiveAgain(record: ServerRecord, request: SipRequest): void {
    if (request.method === 'ACK') {
      const accepted = record.state === 'Accepted';
      this.step(record, 'ACK');
      if (accepted) this.user().onAck(request, record.flow, record);
      return;
    }
    this.counts.absorbed++;
    this.step(record, record.invite ? 'INVITE' : 'request');
  }

  /** Answers without a transaction; an ACK of the answer finds none either. @spec RFC 3261 §8.2.7 */
  private refuse(request: SipRequest, flow: Flow, status: 400 | 503, phrase?: string): void {
    if (status === 400) this.counts.malformed++;
    else this.counts.refused++;
    const fields = status === 503 ? ([['Retry-After', this.retryAfter]] as const) : [];
    flow.send(createResponseTo(request, status, phrase, { fields }));
  }

  private readonly ring = (record: ServerRecord, timer: TimerName): void => {
    this.step(record, timerStimulus[timer]);
  };

  private step(record: ServerRecord, stimulus: TimerStimulus | ServerStimulus, response?: SipResponse): boolean {
    const cell: Transition<ServerState> | undefined = record.invite
      ? inviteServerMachine.table[record.state as InviteServerState][stimulus as InviteServerStimulus]
      : nonInviteServerMachine.table[record.state as NonInviteServerState][stimulus as NonInviteServerStimulus];
    if (cell === undefined) return false;
    this.perform(record, cell, response);
    return true;
  }

  private perform(record: ServerRecord, cell: Transition<ServerState>, response: SipResponse | undefined): void {
    record.state = cell.to;
    let due: TimerName | undefined;
    try {
      for (const effect of cell.effects) due = this.carryOut(effect, record, response) ?? due;
    } finally {
      // A user that throws must not leave a transaction that nothing ends.
      this.settle(record, due);
    }
  }

  private settle(record: ServerRecord, due: TimerName | undefined): void {
    if (due !== undefined) this.step(record, timerStimulus[due]);
    if (record.state === 'Terminated') this.end(record);
  }

  /** @returns the timer that is due at once, if the effect started such */
  private carryOut(effect: TransactionEffect, record: ServerRecord, response?: SipResponse): TimerName | undefined {
    switch (effect.kind) {
      case 'ArmTimer':
        // For Timer J waits what was kept of the response, and no transaction.
        return effect.timer !== 'J' && this.timers.arm(record, effect.timer) ? undefined : effect.timer;
      case 'ResetTimer':
        this.timers.reset(record, effect.timer, effect.to);
        return undefined;
      case 'StopTimer':
        this.timers.stop(record, effect.timer);
        return undefined;
      case 'Pass':
        this.pass(record);
        return undefined;
      case 'InformTimeout':
        this.user().onTrouble(record, record.invite ? 'unacknowledged' : 'abandoned');
        return undefined;
      case 'InformTransportError':
        this.user().onTrouble(record, 'unsendable' satisfies ServerTrouble);
        return undefined;
      default:
        this.answer(effect, record, response);
        return undefined;
    }
  }

  /** A new request; ACKs go by {@link receiveAgain}. */
  private pass(record: ServerRecord): void {
    const { request } = record;
    if (record.state === 'Accepted') return;
    if (request.method === 'CANCEL') this.user().onCancel(record, this.inviteOf(request));
    else this.user().onRequest(record, request);
  }

  private inviteOf(cancel: SipRequest): ServerRecord | undefined {
    const name = serverName(cancel, 'INVITE');
    return name && this.find(name);
  }

  private answer(effect: TransactionEffect, record: ServerRecord, response: SipResponse | undefined): void {
    if (effect.kind === 'SendTrying') record.lastResponse = createResponseTo(record.request, 100);
    else if (effect.kind === 'SendResponse' && response !== undefined) this.keep(record, response);
    if (record.lastResponse !== undefined) this.send(record, record.lastResponse);
  }

  private keep(record: ServerRecord, response: SipResponse): void {
    record.lastResponse = response;
    if (record.state === 'Completed' && !record.invite && !record.flow.reliable) this.complete(record, response);
    if (!record.legacy || !record.invite || response.statusCode < 200 || record.ackKey !== undefined) return;
    const to = read(response, field.to);
    record.ackKey = legacyAckKey(record.request, (to.ok ? to.value?.tag : undefined) ?? '');
    this.legacyAcks.set(record.ackKey, record);
  }

  private complete({ branch, sentBy, method, mergeKey }: ServerRecord, response: SipResponse): void {
    this.counts.shed += this.completed.keep(branch, sentBy, method, serialiseHead(response), response.body);
    if (mergeKey !== undefined) this.counts.shed += this.completed.keep(mergeKey, '', claimed, '', noBytes);
  }

  private send(record: ServerRecord, response: SipResponse): void {
    if (record.flow.open) record.flow.send(response);
    else if (!record.unsendable) {
      record.unsendable = true;
      this.step(record, 'transport error');
    }
  }

  private end(record: ServerRecord): void {
    record.state = 'Terminated';
    this.timers.stopAll(record);
    this.table.remove(record);
    if (record.ackKey !== undefined) this.forget(this.legacyAcks, record.ackKey, record);
    if (record.mergeKey !== undefined) this.forget(this.claims, record.mergeKey, record);
  }

  private forget(map: Map<string, ServerRecord>, key: string, record: ServerRecord): void {
    if (map.get(key) === record) map.delete(key);
  }
}

/** In place of a method, for a request that a UAS core has answered. */
const claimed = '';

/** @returns undefined for a response that RFC 4320 §4 forbids: 408, a provisional one but 100, a 100 before its time */
function stimulusOf(record: ServerRecord, status: number): ServerStimulus | undefined {
  if (record.invite) return status < 200 ? 'user 1xx' : status < 300 ? 'user 2xx' : 'user 300-699';
  if (status >= 200) return status === 408 ? undefined : 'user 200-699';
  return status === 100 && record.flow.reliable ? 'user 100' : undefined;
}
