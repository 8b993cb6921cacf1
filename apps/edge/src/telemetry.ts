import type { Disposition } from '@parley/imdn';
import type { Metrics } from '@parley/service';
import { Counter, Gauge } from 'prom-client';
import type { OutcomeKind } from './lists/outcome.ts';

/** Methods with a label of their own; others share one, since whoever sends them chooses their names. */
const known = new Set(
  'INVITE ACK BYE CANCEL OPTIONS REGISTER MESSAGE SUBSCRIBE NOTIFY REFER UPDATE INFO PRACK PUBLISH'.split(' '),
);

/** What became of a page-mode message. */
export type MessageOutcome = 'delivered' | 'stored' | 'refused' | 'unreachable' | 'unknown' | 'failed';

/** What became of a stored copy for one device. */
export type CopyOutcome = 'delivered' | 'refused' | 'expired' | 'cleared' | 'retried';

/** What a notification of ours says, or that it could not be brought to anybody. */
export type NotificationState = Disposition['status'] | 'lost';

/** What became of a message to a list when it came. */
export type ListMessageOutcome = 'accepted' | 'refused' | 'failed';

/** What is measured when somebody asks. */
export interface EdgeGauges {
  readonly registrations: () => number;
  readonly flows: () => number;
  /** All mailboxes, as this edge sees them; `oldestAt` is 0 when they are empty. */
  readonly mailboxes: () => { readonly depth: number; readonly mailboxes: number; readonly oldestAt: number };
  /** Wall time in milliseconds. */
  readonly now: () => number;
  readonly transactions: () => { readonly client: number; readonly server: number };
}

/** Counts of plain numbers on the hot path, made into samples only when somebody asks. */
export class Telemetry {
  private readonly requests = new Map<string, number>();
  private readonly responses = new Map<string, number[]>();
  private readonly messages = new Map<MessageOutcome, number>();
  private readonly copies = new Map<CopyOutcome, number>();
  private readonly traces = new Map<string, number>();
  private readonly notifications = new Map<NotificationState, number>();
  private readonly admissions = new Map<string, number>();
  private readonly listMessages = new Map<ListMessageOutcome, number>();
  private readonly listCopies = new Map<OutcomeKind, number>();
  private readonly dropped = new Map<string, number>();

  request(method: string): void {
    const label = labelOf(method);
    this.requests.set(label, (this.requests.get(label) ?? 0) + 1);
  }

  response(method: string, status: number): void {
    const label = labelOf(method);
    let byStatus = this.responses.get(label);
    if (byStatus === undefined) this.responses.set(label, (byStatus = new Array<number>(700).fill(0)));
    byStatus[status] = (byStatus[status] ?? 0) + 1;
  }

  message(outcome: MessageOutcome): void {
    this.messages.set(outcome, (this.messages.get(outcome) ?? 0) + 1);
  }

  copy(outcome: CopyOutcome): void {
    this.copies.set(outcome, (this.copies.get(outcome) ?? 0) + 1);
  }

  notification(state: NotificationState): void {
    this.notifications.set(state, (this.notifications.get(state) ?? 0) + 1);
  }

  /** Steps of messages that are followed. */
  traced(outcome: 'stored' | 'dropped', steps: number): void {
    this.traces.set(outcome, (this.traces.get(outcome) ?? 0) + steps);
  }

  admission(verdict: string): void {
    this.admissions.set(verdict, (this.admissions.get(verdict) ?? 0) + 1);
  }

  listMessage(outcome: ListMessageOutcome): void {
    this.listMessages.set(outcome, (this.listMessages.get(outcome) ?? 0) + 1);
  }

  listCopy(outcome: OutcomeKind): void {
    this.listCopies.set(outcome, (this.listCopies.get(outcome) ?? 0) + 1);
  }

  drop(reason: string): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1);
  }

  /** Makes the counts and gauges visible. */
  expose({ registry }: Metrics, gauges: EdgeGauges): void {
    const registers = [registry];
    const all = (counter: Counter, label: string, counts: ReadonlyMap<string, number>): void => {
      counter.reset();
      for (const [name, count] of counts) counter.inc({ [label]: name }, count);
    };
    const count = (name: string, help: string, label: string, counts: ReadonlyMap<string, number>): void => {
      new Counter({
        name,
        help,
        labelNames: [label],
        registers,
        collect() {
          all(this, label, counts);
        },
      });
    };
    count('parley_sip_requests_total', 'SIP requests received, retransmissions aside', 'method', this.requests);
    count('parley_messages_total', 'page-mode messages by what became of them', 'outcome', this.messages);
    count('parley_mailbox_copies_total', 'stored copies by what became of them at a device', 'outcome', this.copies);
    count('parley_dispositions_total', 'disposition notifications made here', 'status', this.notifications);
    count('parley_trace_steps_total', 'steps of messages whose senders asked', 'outcome', this.traces);
    count('parley_admissions_total', 'requests by what the gate said of their credentials', 'verdict', this.admissions);
    count('parley_list_messages_total', 'messages to lists by what became of them', 'outcome', this.listMessages);
    count('parley_list_copies_total', 'copies for recipients of lists, likewise', 'outcome', this.listCopies);
    count('parley_sip_dropped_total', 'messages and connections thrown away by the transports', 'reason', this.dropped);
    const { responses } = this;
    new Counter({
      name: 'parley_sip_responses_total',
      help: 'SIP responses sent',
      labelNames: ['method', 'code'],
      registers,
      collect() {
        this.reset();
        for (const [method, byStatus] of responses) {
          byStatus.forEach((value, code) => {
            if (value > 0) this.inc({ method, code: String(code) }, value);
          });
        }
      },
    });
    new Gauge({
      name: 'parley_registrations',
      help: 'live bindings that were registered at this edge',
      registers,
      collect() {
        this.set(gauges.registrations());
      },
    });
    new Gauge({
      name: 'parley_sip_flows',
      help: 'connections that bindings or dialogs live on',
      registers,
      collect() {
        this.set(gauges.flows());
      },
    });
    exposeMailboxes(registers, gauges);
    new Gauge({
      name: 'parley_sip_transactions',
      help: 'transactions in memory',
      labelNames: ['side'],
      registers,
      collect() {
        const { client, server } = gauges.transactions();
        this.set({ side: 'client' }, client);
        this.set({ side: 'server' }, server);
      },
    });
  }
}

function exposeMailboxes(registers: Metrics['registry'][], { mailboxes, now }: EdgeGauges): void {
  new Gauge({
    name: 'parley_mailbox_depth',
    help: 'copies that wait in all mailboxes, as this edge sees them',
    registers,
    collect() {
      this.set(mailboxes().depth);
    },
  });
  new Gauge({
    name: 'parley_mailbox_accounts',
    help: 'mailboxes that hold a copy',
    registers,
    collect() {
      this.set(mailboxes().mailboxes);
    },
  });
  new Gauge({
    name: 'parley_mailbox_oldest_age_seconds',
    help: 'age of the oldest copy of all mailboxes, 0 for none',
    registers,
    collect() {
      const { oldestAt } = mailboxes();
      this.set(oldestAt === 0 ? 0 : Math.max(0, (now() - oldestAt) / 1000));
    },
  });
}

function labelOf(method: string): string {
  return known.has(method) ? method : 'other';
}
