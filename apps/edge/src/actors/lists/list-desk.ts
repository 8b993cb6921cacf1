import { createHash } from 'node:crypto';
import { shardOf } from '@parley/actor';
import type { Bus, MessageStream } from '@parley/bus';
import { listJobEventSubject, listJobSubject, lists, listShardCount, streams } from '@parley/contracts';
import type { Clock, Random, Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { Recipient } from '@parley/resource-lists';
import { nodeBytes } from '@parley/service';
import type { RawField, SipRequest } from '@parley/sip';
import { createResponseTo, escapeUser, field, read, serialiseUri } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import type { Account } from '../../accounts/account.ts';
import { jobToRecord } from '../../adapters/list-job-record.ts';
import type { EdgeEvents } from '../../events.ts';
import { contentIn, contentOf, wrapped } from '../../lists/content.ts';
import type { Content } from '../../lists/content.ts';
import { historyOf, historyOfList } from '../../lists/history.ts';
import type { ListJob } from '../../lists/list-job.ts';
import { readListMessage } from '../../lists/list-message.ts';
import type { ListRefusal } from '../../lists/list-refusal.ts';
import type { ListRules } from '../../lists/list-rules.ts';
import { maySend } from '../../lists/may-send.ts';
import { sharedMessage } from '../../lists/outgoing-message.ts';
import { planCopies } from '../../lists/plan-copies.ts';
import type { CopyPlan, Directory } from '../../lists/plan-copies.ts';
import type { StoredList } from '../../lists/stored-list.ts';
import type { Inflate } from '../../mailbox/content.ts';
import { lifetimeOf } from '../../mailbox/lifetime.ts';
import { identityOf } from '../../mailbox/stored-request.ts';
import { amendmentOf, mayAmend } from '../../replace/amendment.ts';
import { anyCuriosityOf } from '../../dispositions/curious-message.ts';
import type { ReceiptDesk } from '../receipts/receipt-desk.ts';
import type { DateText } from '../date-text.ts';
import type { Responder } from '../entry/responder.ts';
import type { TraceDesk } from '../traces/trace-desk.ts';

/** What the desk is built from. */
export interface ListDeskOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly realm: string;
  readonly rules: ListRules;
  readonly directory: Directory;
  readonly inflate: Inflate;
  readonly receipts: Pick<ReceiptDesk, 'open'>;
  readonly traces: Pick<TraceDesk, 'acceptedByList'>;
  /** Milliseconds that a message without Expires is worth delivering. */
  readonly memory: number;
  readonly responder: Responder;
  readonly date: DateText;
  readonly events: EdgeEvents;
  /** Counts messages by what became of them here. */
  readonly counted: (outcome: 'accepted' | 'refused' | 'failed') => void;
}

/** What of a message goes to its recipients. */
interface Expansion {
  readonly plan: CopyPlan;
  readonly content: Content;
}

/** Milliseconds in which a message that is not to be kept has reached those who are there. */
const brief = 60_000;

/**
 * The MESSAGE URI-list service, as far as the answer to the sender: 202 once JetStream has the message and its
 * recipients. What happens then is the work of the jobs.
 *
 * @spec RFC 5365 §7
 */
export class ListDesk {
  private readonly options: ListDeskOptions;
  private readonly stream: MessageStream<lists.ListJob>;
  private storing = 0;

  constructor(options: ListDeskOptions) {
    this.options = options;
    this.stream = options.bus.stream(streams.listJobs, lists.ListJob);
  }

  /** Messages that are not answered yet. */
  get size(): number {
    return this.storing;
  }

  /**
   * Takes a message of an account.
   *
   * @param list - the stored list that it is for; undefined: it brings its own
   */
  take(transaction: ServerTransaction, request: SipRequest, sender: Account, list: StoredList | undefined): void {
    const refused = refuseAmendment(request);
    if (refused !== undefined) {
      this.refuse(transaction, refused);
      return;
    }
    const expansion = list === undefined ? this.expandOwn(request, sender) : this.expandStored(request, sender, list);
    if (!expansion.ok) {
      this.refuse(transaction, expansion.error);
      return;
    }
    const { plan } = expansion.value;
    void this.accept(transaction, this.jobOf(request, sender, expansion.value), plan.hidesMembers);
  }

  /** A message with a list in its body. */
  private expandOwn(request: SipRequest, sender: Account): Result<Expansion, ListRefusal> {
    const { directory, rules, inflate } = this.options;
    const message = readListMessage(request, { codec: nodeBytes, inflate });
    if (!message.ok) return message;
    const { recipients, unresolved, remainder } = message.value;
    const plan = planCopies(recipients, sender.name, directory, rules);
    if (!plan.ok) return plan;
    const settled = unresolved.map((uri) => ({ uri, status: 488, reason: 'references are not resolved here' }));
    return ok({
      plan: { ...plan.value, settled: [...plan.value.settled, ...settled] },
      content: contentOf(remainder, historyOf(plan.value.recipients, nodeBytes), nodeBytes),
    });
  }

  /** A message to the address of a list. */
  private expandStored(request: SipRequest, sender: Account, list: StoredList): Result<Expansion, ListRefusal> {
    const { directory, rules, random, realm } = this.options;
    if (!maySend(sender.name, list, directory)) return err(notForEverybody);
    const members = list.members.map((uri): Recipient => ({ uri, copyControl: 'to', anonymize: false }));
    const plan = planCopies(members, sender.name, directory, rules, [list.name]);
    if (!plan.ok) return plan;
    const content = contentIn(request);
    if (content.body.length === 0) return ok({ plan: plan.value, content });
    const address = `sip:${escapeUser(list.name)}@${realm}`;
    const seen = { hideMembers: list.hideMembers, most: rules.mostHistory };
    const history = historyOfList(address, plan.value.recipients, seen, nodeBytes);
    return ok({
      plan: plan.value,
      content: history === undefined ? content : wrapped(content, history, random, nodeBytes),
    });
  }

  private jobOf(request: SipRequest, sender: Account, { plan, content }: Expansion): ListJob {
    const { realm, date, clock, memory, inflate } = this.options;
    const id = createHash('sha256').update(identityOf(request)).digest('base64url').slice(0, 26);
    const now = clock.wallTime();
    const messageId = anyCuriosityOf(request, nodeBytes, inflate)?.asked.messageId ?? '';
    const lifetime = lifetimeOf(request, false, now, memory);
    const from = read(request, field.from);
    return {
      id,
      sender: sender.name,
      from: from.ok && from.value !== undefined ? serialiseUri(from.value.uri) : '',
      list: request.requestUri,
      shared: sharedMessage(request, content, { realm, date: date.now(), tag: id }),
      copies: plan.copies,
      settled: plan.settled,
      messageId,
      acceptedAt: now,
      expiresAt: lifetime.kind === 'until' ? lifetime.at : now + brief,
    };
  }

  /** Collects its notifications where its sender wants a summary, or may not know who is on the list. */
  private openReceipt(
    { sender, list, copies, settled }: ListJob,
    request: SipRequest,
    hidden: boolean,
  ): Promise<boolean> {
    const { inflate, receipts } = this.options;
    const curious = anyCuriosityOf(request, nodeBytes, inflate);
    if (curious === undefined) return Promise.resolve(true);
    const recipients = [...copies, ...settled].map(({ uri }) => uri);
    return receipts.open({ account: sender, list, hidden, recipients, curious });
  }

  private async accept(transaction: ServerTransaction, job: ListJob, hidden: boolean): Promise<void> {
    const { bus, responder, events, counted, traces } = this.options;
    const shard = shardOf(job.sender) % listShardCount;
    this.storing++;
    const isOpen = await this.openReceipt(job, transaction.request, hidden);
    const appended = isOpen
      ? await this.stream.append(listJobSubject(shard), jobToRecord(job), { messageId: job.id })
      : err(unstored);
    this.storing--;
    if (!appended.ok || appended.value.outcome === 'conflict') {
      counted('failed');
      const isLasting = !appended.ok && !appended.error.retryable;
      const later: readonly RawField[] = isLasting ? [] : [['Retry-After', '5']];
      responder.reply(transaction, isLasting ? 413 : 503, undefined, later);
      return;
    }
    counted('accepted');
    events.listMessageAccepted(job);
    traces.acceptedByList(transaction.request, job.id);
    responder.send(transaction, createResponseTo(transaction.request, 202, undefined, { toTag: job.id }));
    bus.publish(listJobEventSubject(shard), lists.ListJobStored, { sequence: appended.value.sequence });
  }

  /** Answers with a refusal. */
  refuse(transaction: ServerTransaction, { status, phrase, message, fields = [] }: ListRefusal): void {
    const { responder, counted, realm } = this.options;
    counted('refused');
    const warning = field.warning.serialise({ code: 399, agent: realm, text: message });
    responder.reply(transaction, status, phrase, [['Warning', warning], ...fields]);
  }
}

/** Copies have Call-IDs of ours, so that a message to a list is named by its Message-ID alone. @spec docs/specs/replace-message.md §9 */
function refuseAmendment(request: SipRequest): ListRefusal | undefined {
  if (!mayAmend(request, nodeBytes)) return undefined;
  const amendment = amendmentOf(request, nodeBytes);
  if (!amendment.ok) return { status: 400, message: amendment.error };
  return amendment.value?.name.by === 'call-id' ? notByCallId : undefined;
}

const notByCallId: ListRefusal = { status: 488, message: 'expected a message to a list to be named by its Message-ID' };
const unstored = { retryable: true };
const notForEverybody: ListRefusal = { status: 403, message: 'this sender may not send to this list' };
