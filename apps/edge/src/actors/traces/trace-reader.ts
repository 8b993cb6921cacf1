import { shardOf } from '@parley/actor';
import type { Bus, BusFailure, MessageStream } from '@parley/bus';
import { listOutcomeSubject, lists, streams, traces, traceSubject } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import { addressOfKey } from '../../replace/sender-key.ts';
import { readAcross } from '../../traces/read-across.ts';
import { withLater } from '../../traces/recipient-outcomes.ts';
import { jobOf, storyOf } from '../../traces/story.ts';
import type { MessageNames, TraceStep } from '../../traces/trace-step.ts';
import { namesIn } from '../../traces/trace-step.ts';

/** Steps of a list that are read at once. */
const page = 256;

type Read<T> = Promise<Result<T, BusFailure>>;

/** Tells what became of a message: from the traces, and for one to a list from what its job recorded. */
export class TraceReader {
  private readonly traces: MessageStream<traces.TraceBatch>;
  private readonly progress: MessageStream<lists.ListProgress>;
  private readonly realm: string;

  constructor(bus: Bus, realm: string) {
    this.traces = bus.stream(streams.traces, traces.TraceBatch);
    this.progress = bus.stream(streams.listOutcomes, lists.ListProgress);
    this.realm = realm;
  }

  /**
   * What is known of a message.
   *
   * @param id - its Message-ID, its Call-ID and CSeq number, or the To tag of the 202 of a message to a list
   * @returns undefined when nothing is
   */
  async find(id: string): Read<lists.ListMessage | undefined> {
    const list = await this.ofList(id);
    if (!list.ok) return list;
    if (list.value !== undefined) return await this.withSteps(list.value);
    const steps = await this.stepsNamed(namesIn(id));
    if (!steps.ok) return steps;
    const story = storyOf(id, steps.value, this.uriOf);
    const job = story === undefined ? '' : jobOf(steps.value);
    const recorded = job === '' ? ok(undefined) : await this.ofList(job);
    if (!recorded.ok) return recorded;
    if (story === undefined || recorded.value === undefined) return ok(story);
    return ok({ ...story, ...withRecorded(recorded.value, story) });
  }

  /** The record of a list, with the steps of its copies where its sender asked. */
  private async withSteps(list: lists.ListMessage): Read<lists.ListMessage> {
    if (list.messageId === '') return ok(list);
    const steps = await this.stepsNamed({ messageId: list.messageId, callId: '', cSeq: undefined });
    if (!steps.ok) return steps;
    const ours = steps.value.filter(({ sender }) => this.uriOf(sender) === list.sender || sender === 'nobody');
    const story = storyOf(list.id, ours, this.uriOf);
    return ok(story === undefined ? list : { ...story, ...withRecorded(list, story) });
  }

  /** All steps that may be of a message. */
  private async stepsNamed(names: MessageNames): Read<readonly TraceStep[]> {
    const byCallId = await this.messageIdOf(names);
    if (!byCallId.ok) return byCallId;
    const messageId = byCallId.value ?? names.messageId;
    const own = await this.pick(messageId, (batch) => batch.steps.filter((step) => step.messageId === messageId));
    if (!own.ok) return own;
    const steps = own.value.map(stepOf);
    const callIds = new Map(steps.map(({ callId, cseq }) => [callId, cseq]));
    callIds.delete('');
    // A message to a list has as many Call-IDs as copies, and is amended by its Message-ID alone.
    const [known] = callIds.size === 1 ? callIds : [];
    if (known === undefined) return ok(steps);
    const [callId, cSeq] = known;
    const others = await this.pick(callId, (batch) =>
      batch.steps.filter(
        (step) => step.messageId === '' && step.callId === callId && (step.cseq === 0 || step.cseq === cSeq),
      ),
    );
    return others.ok ? ok([...steps, ...others.value.map(stepOf)]) : others;
  }

  /** The Message-ID of what has a Call-ID. */
  private async messageIdOf({ callId, cSeq }: MessageNames): Read<string | undefined> {
    const found = await this.pick(callId, ({ names }) =>
      names.filter((name) => name.callId === callId && (cSeq ?? name.cseq) === name.cseq),
    );
    return found.ok ? ok(found.value.toSorted((a, b) => a.at - b.at).at(-1)?.messageId) : found;
  }

  /** What is wanted of the batches in which a name may be. */
  private pick<R>(name: string, wanted: (batch: traces.TraceBatch) => readonly R[]): Read<readonly R[]> {
    return readAcross(this.traces, traceSubject(shardOf(name)), wanted);
  }

  /** What the job of a list recorded. */
  private async ofList(id: string): Read<lists.ListMessage | undefined> {
    let accepted: lists.ListAccepted | undefined;
    let done = false;
    const outcomes = new Map<number, lists.CopyOutcome>();
    for (let from = 1; ;) {
      const read = await this.progress.read(listOutcomeSubject(id), { from, limit: page });
      if (!read.ok) return err(read.error);
      for (const { sequence, message } of read.value) {
        from = sequence + 1;
        const { step } = message;
        if (step?.kind === 'accepted') accepted ??= step.value;
        else if (step?.kind === 'done') done = true;
        else for (const outcome of step?.value.outcomes ?? []) outcomes.set(outcome.index, outcome);
      }
      if (read.value.length < page) break;
    }
    if (accepted === undefined) return ok(undefined);
    const { sender, list, acceptedAt, copies, settled, messageId } = accepted;
    const sent = copies.map((uri, index) => {
      const { status = 0, reason = '' } = outcomes.get(index) ?? {};
      return { uri, status, reason };
    });
    const recipients = [...sent, ...settled];
    return ok({ id, sender, list, acceptedAt, done, recipients, messageId, callId: '', cseq: 0, steps: [] });
  }

  private readonly uriOf = (key: string): string => addressOfKey(key, this.realm);
}

/** A kind that another version knows and this one does not is told by its name, and counts for nothing. */
function stepOf(step: traces.TraceStep): TraceStep {
  return step as TraceStep;
}

/** What the list knows better than the steps of its copies. */
function withRecorded(
  { sender, list, acceptedAt, done, recipients }: lists.ListMessage,
  story: lists.ListMessage,
): Partial<lists.ListMessage> {
  return { sender, list, acceptedAt, done, recipients: withLater(recipients, story.recipients) };
}
