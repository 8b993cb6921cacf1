import { messageIdOf } from '@parley/imdn';
import type { ByteCodec } from '@parley/prelude';
import type { MessageHead } from './message-head.ts';

/**
 * What a message is called by who amends it or tells of it: its imdn.Message-ID, else that of MSRP. A copy, since what was cut
 * out of a head would keep all of it in memory.
 *
 * @spec RFC 5438 §6.3; docs/specs/replace-message.md §9.2
 */
export function nameOf({ cpim }: Pick<MessageHead, 'cpim'>, msrpId: string, codec: ByteCodec): string {
  const id = messageIdOf(cpim, codec);
  return Buffer.from(id.ok && id.value !== undefined ? id.value : msrpId).toString();
}
