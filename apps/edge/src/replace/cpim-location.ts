import { leavesOf, mediaEssence, parseMimeTree } from '@parley/mime';
import type { ByteCodec } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { readRaw } from '@parley/sip';
import { mediaTypeOf } from '../mailbox/content.ts';

/** The octets of the `message/cpim` that a body is or holds, as a view into it; undefined when there is none, or it is encoded. */
export function cpimLocation(request: SipRequest, codec: ByteCodec): Uint8Array | undefined {
  const { body } = request;
  const mediaType = mediaTypeOf(request);
  if (mediaType === undefined || isEncoded(request)) return undefined;
  if (mediaType === 'message/cpim') return body;
  if (!mediaType.startsWith('multipart/')) return undefined;
  const value = readRaw(request, 'Content-Type') ?? '';
  const tree = parseMimeTree({ fields: [{ name: 'Content-Type', value }], body }, codec);
  const leaves = tree.ok ? leavesOf(tree.value) : [];
  return leaves.find((leaf) => mediaEssence(leaf.mediaType) === 'message/cpim')?.entity.body;
}

function isEncoded(request: SipRequest): boolean {
  const encoding = readRaw(request, 'Content-Encoding')?.trim().toLowerCase() ?? '';
  return encoding !== '' && encoding !== 'identity';
}
