import type { lists } from '@parley/contracts';
import { timestamp } from './time.ts';

/** What became of a message, as the API shows it. */
export interface MessageView {
  /** What was asked for. */
  readonly id: string;
  /** Empty: its sender asked for no notifications. */
  readonly messageId: string;
  /** Empty where it is not known. */
  readonly callId: string;
  readonly cseq: number;
  readonly from: string;
  readonly to: string;
  readonly acceptedAt: string;
  /** Whether nothing more will become of it, as far as its delivery is concerned. */
  readonly done: boolean;
  readonly recipients: readonly {
    readonly uri: string;
    readonly outcome: 'pending' | 'delivered' | 'stored' | 'failed';
    /** SIP status; 0 while it is pending. */
    readonly status: number;
    readonly reason: string;
  }[];
  /** Oldest first; none where its sender asked for no notifications. */
  readonly steps: readonly {
    readonly at: string;
    readonly step: string;
    readonly recipient: string;
    readonly devices: readonly string[];
    readonly status: number;
    readonly reason: string;
  }[];
}

/** Shows what became of a message. */
export function messageView(message: lists.ListMessage): MessageView {
  const { id, messageId, callId, cseq, sender: from, list: to, acceptedAt, done } = message;
  return {
    ...{ id, messageId, callId, cseq, from, to, acceptedAt: timestamp(acceptedAt), done },
    recipients: message.recipients.map((recipient) => ({ ...recipient, outcome: outcomeOf(recipient.status) })),
    steps: message.steps.map(({ at, kind, ...step }) => ({
      at: timestamp(at),
      step: stepOf(kind, step.reason),
      ...step,
    })),
  };
}

function outcomeOf(status: number): MessageView['recipients'][number]['outcome'] {
  if (status === 0) return 'pending';
  if (status === 202) return 'stored';
  return status < 300 ? 'delivered' : 'failed';
}

/** A display that was notified has a name of its own; whatever was refused or came too late has failed. */
function stepOf(kind: string, reason: string): string {
  if (kind === 'refused' || kind === 'expired' || kind === 'cleared') return 'failed';
  return kind === 'notified' && reason === 'displayed' ? 'displayed' : kind;
}
