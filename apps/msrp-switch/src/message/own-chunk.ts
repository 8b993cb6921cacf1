import { createMessageId, noHeaderFields } from '@parley/msrp';
import type { Random } from '@parley/prelude';
import { OutgoingChunk } from './outgoing-chunk.ts';

/** A whole message of the room or of its history, on which nobody reports. @param body - CPIM */
export function ownChunk(body: readonly Uint8Array[], random: Random): OutgoingChunk {
  const octets = body.reduce((sum, part) => sum + part.length, 0);
  const head = {
    method: 'SEND',
    messageId: createMessageId(random),
    successReport: undefined,
    failureReport: 'no',
    byteRange: { start: 1, end: octets, total: octets },
    status: undefined,
    contentType: 'message/cpim',
    fields: noHeaderFields,
  } as const;
  return new OutgoingChunk(head, body, '$', random);
}
