import type { traces } from '@parley/contracts';

/** What can happen to a message. */
export type StepKind =
  | 'accepted'
  /** A copy waits for these devices. */
  | 'stored'
  | 'delivered'
  /** A device, or the server where none is named, said no. */
  | 'refused'
  /** Its time was over. */
  | 'expired'
  /** An operator gave it up. */
  | 'cleared'
  | 'replaced'
  | 'recalled'
  /** The recipient sent a disposition notification. */
  | 'notified';

/** One thing that happened to a message. */
export type TraceStep = Omit<traces.TraceStep, 'kind'> & { readonly kind: StepKind };

/** What every step of one message has in common, and nothing else yet. */
export const noStep = {
  messageId: '',
  callId: '',
  cseq: 0,
  sender: '',
  at: 0,
  recipient: '',
  devices: [],
  status: 0,
  reason: '',
  to: '',
  job: '',
} as const satisfies Omit<TraceStep, 'kind'>;

/** Names by which a message can be asked for: a Message-ID, and a Call-ID with its CSeq number. */
export interface MessageNames {
  readonly messageId: string;
  readonly callId: string;
  /** Undefined: the newest of that Call-ID. */
  readonly cSeq: number | undefined;
}

/** What an operator may mean by an id: `Call-ID;cseq`, `Call-ID;cseq=n`, or a Message-ID. */
export function namesIn(id: string): MessageNames {
  const [, callId = id, digits] = /^(.*);(?:cseq=)?(\d{1,10})$/.exec(id) ?? [];
  return { messageId: id, callId, cSeq: digits === undefined ? undefined : Number(digits) };
}

/** Why nobody gets what waited in a mailbox that an operator cleared. */
export const mailboxCleared = 'Mailbox Cleared';
