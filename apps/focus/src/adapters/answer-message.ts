import type { common, focus } from '@parley/contracts';
import type { Refusal } from '@parley/prelude';
import { assertNever } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { serialise } from '@parley/sip';
import type { Answer } from '../room/decision.ts';
import { roomMessage } from './room-message.ts';

/** What is sent back for a decision. */
export function replyMessage(answer: Answer): focus.FocusReply {
  switch (answer.kind) {
    case 'sip':
      return { outcome: { kind: 'sip', value: { response: serialise(answer.response, nodeBytes) } } };
    case 'room':
      return { outcome: { kind: 'room', value: { ...roomMessage(answer.room), next: answer.next } } };
    case 'done':
      return { outcome: { kind: 'done', value: {} } };
    case 'shared': {
      const { participant, identity } = answer;
      return { outcome: { kind: 'shared', value: { participant, identity } } };
    }
    case 'refused':
      return { outcome: { kind: 'refusal', value: refusalMessage(answer.refusal) } };
    default:
      return assertNever(answer);
  }
}

function refusalMessage({ status, phrase, message, retryAfter }: Refusal): common.Refusal {
  return { status, phrase, message, retryAfter: retryAfter ?? 0 };
}
