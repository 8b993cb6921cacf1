import type { Imdn } from '@parley/imdn';
import type { SipRequest, SipResponse } from '@parley/sip';
import { field, read, readRaw, serialiseUri } from '@parley/sip';
import type { Inflate } from '../../mailbox/content.ts';
import type { MessageFate } from '../../mailbox/delivery-hooks.ts';
import type { Amendment } from '../../replace/amendment.ts';
import type { SenderDirectory } from '../../replace/sender-key.ts';
import { senderKey } from '../../replace/sender-key.ts';
import { askingIn, mayAsk } from '../../traces/asking.ts';
import type { Followed } from '../../traces/followed.ts';
import type { TraceStep } from '../../traces/trace-step.ts';
import { mailboxCleared, noStep } from '../../traces/trace-step.ts';
import { requestIn } from '../mailbox/delivery-attempt.ts';
import { TraceBatches } from './trace-batches.ts';
import type { TraceBatchesOptions } from './trace-batches.ts';

/** What the desk is built from. */
export interface TraceDeskOptions extends TraceBatchesOptions {
  readonly inflate: Inflate;
  readonly directory: SenderDirectory;
}

/** Characters of a Message-ID or Call-ID; longer ones are not followed, or cut. */
const longestName = 256;
/** Characters of what is told for people. */
const longestText = 256;

/**
 * Keeps what becomes of messages whose senders asked for disposition notifications: one idea of it for the API, whatever the
 * sender's own devices kept. Steps are noted in memory and stored in batches, so that no message waits for them; a message
 * that asks for nothing is not looked into.
 */
export class TraceDesk {
  private readonly options: TraceDeskOptions;
  private readonly batches: TraceBatches;

  constructor(options: TraceDeskOptions) {
    this.options = options;
    this.batches = new TraceBatches(options);
  }

  /** Begins to follow a message to an account; undefined: its sender asks for nothing. */
  follow(account: string, request: SipRequest): Followed | undefined {
    const common = this.commonOf(account, request);
    if (common === undefined) return undefined;
    this.batches.begin({ ...common, kind: 'accepted', to: toOf(request) });
    return {
      stored: (devices) => {
        this.batches.note({ ...common, at: this.now, kind: 'stored', devices });
      },
      delivered: (device, status) => {
        this.batches.note({ ...common, at: this.now, kind: 'delivered', devices: [device], status });
      },
      refused: (device, status, reason) => {
        const devices = device === '' ? [] : [device];
        this.batches.note({
          ...common,
          at: this.now,
          kind: 'refused',
          devices,
          status,
          reason: reason.slice(0, longestText),
        });
      },
    };
  }

  /** A message to a list was accepted; what becomes of its copies is followed one by one. */
  acceptedByList(request: SipRequest, job: string): void {
    const common = this.commonOf('', request);
    if (common !== undefined)
      this.batches.begin({ ...common, recipient: '', kind: 'accepted', to: toOf(request), job });
  }

  /** How the delivery of a stored copy ended. @param answer - `taken`, or the refusal where one came */
  ended(account: string, device: string, octets: Uint8Array, answer: SipResponse | 'taken' | undefined): void {
    const request = mayAsk(octets) ? requestIn(octets) : undefined;
    const common = request && this.commonOf(account, request);
    if (common === undefined) return;
    const step = { ...common, devices: [device] };
    if (answer === 'taken') this.batches.note({ ...step, kind: 'delivered', status: 200 });
    else
      this.batches.note({
        ...step,
        kind: 'refused',
        status: answer?.statusCode ?? 0,
        reason: answer?.reasonPhrase.slice(0, longestText) ?? '',
      });
  }

  /** What became of a message beside that. */
  became(account: string, request: SipRequest, fate: MessageFate): void {
    if (fate.kind !== 'expired' && fate.kind !== 'cleared') return;
    const common = this.commonOf(account, request);
    const reason = fate.kind === 'cleared' ? mailboxCleared : '';
    if (common !== undefined) this.batches.note({ ...common, kind: fate.kind, devices: fate.devices, reason });
  }

  /** Stored copies of another message of the same sender were amended. */
  amended(account: string, request: SipRequest, { name, action }: Amendment, devices: readonly string[]): void {
    const kind = action === 'recall' ? 'recalled' : 'replaced';
    const recipient = `user ${account}`;
    const common = { ...noStep, at: this.now, sender: this.senderOf(request), recipient, devices, kind } as const;
    if (name.reference.length > longestName) return;
    if (name.by === 'call-id') this.batches.note({ ...common, callId: name.reference, cseq: name.cSeq ?? 0 });
    else this.batches.note({ ...common, messageId: name.reference });
  }

  /** A recipient notified an account of a message that it sent. @param recipient - in one spelling */
  notified(account: string, recipient: string, { messageId, disposition, note }: Imdn): void {
    if (disposition === undefined) return;
    const reason = note === undefined ? disposition.status : `${disposition.status}: ${note.text}`;
    const said = { reason: reason.slice(0, longestText) };
    if (messageId.length > longestName) return;
    this.batches.note({
      ...noStep,
      ...said,
      messageId,
      at: this.now,
      sender: `user ${account}`,
      recipient,
      kind: 'notified',
    });
  }

  /** Resolves when what was noted is stored, or cannot be. */
  settle(): Promise<void> {
    return this.batches.settle();
  }

  private get now(): number {
    return this.options.clock.wallTime();
  }

  private senderOf(request: SipRequest): string {
    return senderKey(request, this.options.directory) ?? 'nobody';
  }

  private commonOf(account: string, request: SipRequest): Omit<TraceStep, 'kind'> | undefined {
    const messageId = askingIn(request, this.options.inflate);
    // What is as long as that names nothing, and would crowd others out of a batch.
    if (messageId === undefined || messageId.length > longestName) return undefined;
    const cSeq = read(request, field.cSeq);
    return {
      ...noStep,
      messageId,
      callId: (readRaw(request, 'Call-ID') ?? '').slice(0, longestName),
      cseq: cSeq.ok ? (cSeq.value?.sequence ?? 0) : 0,
      sender: this.senderOf(request),
      at: this.now,
      recipient: `user ${account}`,
    };
  }
}

function toOf(request: SipRequest): string {
  const to = read(request, field.to);
  return to.ok && to.value !== undefined ? serialiseUri(to.value.uri).slice(0, longestText) : '';
}
