import type { MimeEntity } from '@parley/mime';
import { contentTypeOf, decodedBody, leavesOf, mediaEssence, parseMimeTree, serialiseMediaType } from '@parley/mime';
import type { ByteCodec } from '@parley/prelude';
import { isProtected } from './protection.ts';

/** Text as a body by itself. */
export interface PlainText {
  /** Value of Content-Type, with the charset that was given. */
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * The text of what a message wraps: the whole of it, or that form of a multipart/alternative.
 *
 * @returns undefined when there is none, when text is but a part of what is said, or when anything is signed or encrypted
 */
export function plainTextOf(content: MimeEntity, codec: ByteCodec): PlainText | undefined {
  const type = contentTypeOf(content);
  if (!type.ok || isProtected(content, codec)) return undefined;
  const entity = mediaEssence(type.value) === 'multipart/alternative' ? alternativeOf(content, codec) : content;
  if (entity === undefined) return undefined;
  const textType = contentTypeOf(entity);
  if (!textType.ok || mediaEssence(textType.value) !== 'text/plain') return undefined;
  const body = decodedBody(entity);
  return body.ok ? { contentType: serialiseMediaType(textType.value), body: body.value } : undefined;
}

/** The last text of a multipart/alternative, which is the best that was written. @spec RFC 2046 §5.1.4 */
function alternativeOf(content: MimeEntity, codec: ByteCodec): MimeEntity | undefined {
  const tree = parseMimeTree(content, codec);
  if (!tree.ok) return undefined;
  return leavesOf(tree.value).findLast(({ mediaType }) => mediaEssence(mediaType) === 'text/plain')?.entity;
}
