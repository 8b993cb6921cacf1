import { leavesOf, mediaEssence, parseMimeTree } from '@parley/mime';
import type { ByteCodec } from '@parley/prelude';
import { parseResourceLists, recipientsOf, resourceListsType } from '@parley/resource-lists';
import type { SipRequest } from '@parley/sip';
import { readRaw } from '@parley/sip';
import { mediaTypeOf } from '../mailbox/content.ts';

/**
 * The list that a message came by, where that keeps its members to itself: the history of the message names it and
 * nobody else.
 *
 * @param isHidden - whether an address is that of such a list
 * @returns its address; undefined for any other message
 * @spec RFC 5438 §14.2
 */
export function hiddenListOf(
  request: SipRequest,
  isHidden: (uri: string) => boolean,
  codec: ByteCodec,
): string | undefined {
  if (mediaTypeOf(request)?.startsWith('multipart/') !== true) return undefined;
  const value = readRaw(request, 'Content-Type') ?? '';
  const tree = parseMimeTree({ fields: [{ name: 'Content-Type', value }], body: request.body }, codec);
  for (const { entity, mediaType } of tree.ok ? leavesOf(tree.value) : []) {
    const history = mediaEssence(mediaType) === resourceListsType ? parseResourceLists(entity.body, codec) : undefined;
    if (history?.ok !== true) continue;
    const hidden = recipientsOf(history.value).named.find(({ uri }) => isHidden(uri));
    if (hidden !== undefined) return hidden.uri;
  }
  return undefined;
}
