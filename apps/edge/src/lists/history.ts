import type { ByteCodec } from '@parley/prelude';
import type { Recipient } from '@parley/resource-lists';
import { recipientHistory, serialiseResourceLists } from '@parley/resource-lists';

/** The history that goes to all recipients; undefined when nobody is to be seen. @spec RFC 5364 §4 */
export function historyOf(recipients: readonly Recipient[], codec: ByteCodec): Uint8Array | undefined {
  const history = recipientHistory(recipients);
  return history && serialiseResourceLists(history, codec);
}

/**
 * The history of a message to a stored list: its members, or the list alone where they are hidden or too many; an answer
 * to all then goes to the list.
 *
 * @param most - octets
 */
export function historyOfList(
  address: string,
  members: readonly Recipient[],
  { hideMembers, most }: { readonly hideMembers: boolean; readonly most: number },
  codec: ByteCodec,
): Uint8Array | undefined {
  const shown = hideMembers ? undefined : historyOf(members, codec);
  if (shown !== undefined && shown.length <= most) return shown;
  return historyOf([{ uri: address, copyControl: 'to', anonymize: false }], codec);
}
