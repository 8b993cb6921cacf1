import type { TracedMessage } from '../api/views.ts';
import { facts, table } from './table.ts';

/** What became of a message: who sent it to whom, what each recipient has, and each step. */
export function traceText({ messageId, callId, cseq, recipients, steps, ...message }: TracedMessage): string {
  const head = facts([
    ['message', messageId === '' ? message.id : messageId],
    ...(callId === '' ? [] : [['call', `${callId};${cseq}`] as const]),
    ['from', message.from],
    ['to', message.to],
    ['accepted', message.acceptedAt],
  ]);
  const outcomes = recipients.map(({ uri, outcome, status, reason }) => [uri, outcome, statusText(status, reason)]);
  return [
    head,
    table(['RECIPIENT', 'OUTCOME', 'STATUS'], outcomes),
    ...(steps.length === 0 ? [] : [table(['AT', 'STEP', 'RECIPIENT', 'DEVICES', 'STATUS'], steps.map(rowOf))]),
  ].join('\n');
}

function rowOf({ at, step, recipient, devices, status, reason }: TracedMessage['steps'][number]): readonly string[] {
  return [at, step, recipient, devices.map(nameOf).join(', '), statusText(status, reason)];
}

/** Devices that register no instance are one without a name. */
function nameOf(device: string): string {
  return device === '' ? '(any)' : device;
}

function statusText(status: number, reason: string): string {
  return status === 0 ? reason : `${status} ${reason}`.trimEnd();
}
