import type { Disposition } from '@parley/imdn';
import type { MessageFate } from '../mailbox/delivery-hooks.ts';

/** What is told about the fate of a message. */
export interface ToldFate {
  readonly disposition: Disposition;
  /** Why, in English; absent where nothing went wrong. */
  readonly note?: string;
}

/** What a relay tells of a fate to who asked for it. @spec RFC 5438 §8.1, §8.2 */
export function toldOf({ kind }: MessageFate): ToldFate {
  switch (kind) {
    case 'stored':
      return { disposition: { type: 'processing', status: 'stored' } };
    case 'recalled':
      return { disposition: { type: 'processing', status: 'processed' } };
    case 'adapted':
      return { disposition: { type: 'delivery', status: 'delivered' } };
    case 'refused':
      return { disposition: failed, note: 'A device of the recipient refused the message.' };
    case 'expired':
      return { disposition: failed, note: 'The message expired before it could be delivered.' };
  }
}

const failed: Disposition = { type: 'delivery', status: 'failed' };
