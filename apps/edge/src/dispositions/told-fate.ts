import type { Disposition } from '@parley/imdn';
import type { SipResponse } from '@parley/sip';
import type { MessageFate } from '../mailbox/delivery-hooks.ts';

/** What is told about the fate of a message. */
export interface ToldFate {
  readonly disposition: Disposition;
  /** Why, in English; absent where nothing went wrong. */
  readonly note?: string;
}

/** What a relay tells of a fate to who asked for it. @spec RFC 5438 §8.1, §8.2 */
export function toldOf(fate: MessageFate): ToldFate {
  switch (fate.kind) {
    case 'stored':
      return { disposition: { type: 'processing', status: 'stored' } };
    case 'recalled':
      return { disposition: { type: 'processing', status: 'processed' } };
    case 'adapted':
      return { disposition: { type: 'delivery', status: 'delivered' } };
    case 'refused':
      return { disposition: failed, note: refusalNote(fate.answer) };
    case 'undeliverable':
      return { disposition: failed, note: `The message could not be delivered: ${fate.reason}` };
    case 'expired':
      return { disposition: failed, note: 'The message expired before it could be delivered.' };
    case 'cleared':
      return { disposition: failed, note: 'The mailbox was cleared before the message could be delivered.' };
  }
}

const failed: Disposition = { type: 'delivery', status: 'failed' };

/** The specific error, as REQ-DISNOT-5 wants it: the status that the device answered with. */
function refusalNote(answer: SipResponse | undefined): string {
  if (answer === undefined) return 'A device of the recipient refused the message.';
  return `A device of the recipient refused the message: ${answer.statusCode} ${answer.reasonPhrase}`.trimEnd();
}
