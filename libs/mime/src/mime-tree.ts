import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError, portableCodec } from '@parley/prelude';
import { boundaryOf } from './boundary.ts';
import type { MimeEntity } from './entity.ts';
import { contentTypeOf } from './entity.ts';
import type { MimeLimits } from './limits.ts';
import { defaultMimeLimits } from './limits.ts';
import type { MediaType } from './media-type.ts';
import { defaultMediaType } from './media-type.ts';
import { parseMultipart } from './multipart.ts';

/** An entity with its media type known and, where it is a multipart, its parts taken apart. */
export interface MimeNode {
  readonly entity: MimeEntity;
  readonly mediaType: MediaType;
  /** Empty for what is no multipart. */
  readonly children: readonly MimeNode[];
}

const rfc822: MediaType = { type: 'message', subtype: 'rfc822', parameters: [] };

/**
 * Takes an entity apart down to its leaves.
 *
 * @returns an error when a multipart inside is malformed or nests deeper than `limits.maxDepth`
 * @spec RFC 2046 §5.1.2; §5.1.5 for the default type in a digest
 */
export function parseMimeTree(
  entity: MimeEntity,
  codec: ByteCodec = portableCodec,
  limits: MimeLimits = defaultMimeLimits,
): Result<MimeNode, ParseError> {
  return nodeOf(entity, defaultMediaType, limits.maxDepth, codec, limits);
}

function nodeOf(
  entity: MimeEntity,
  absent: MediaType,
  depth: number,
  codec: ByteCodec,
  limits: MimeLimits,
): Result<MimeNode, ParseError> {
  const mediaType = contentTypeOf(entity, absent);
  if (!mediaType.ok) return mediaType;
  if (mediaType.value.type !== 'multipart') return ok({ entity, mediaType: mediaType.value, children: [] });
  if (depth === 0) return err(parseError('multipart-body', 0, 'RFC 2046 §5.1.2', 'multiparts nested too deep'));
  const boundary = boundaryOf(mediaType.value);
  if (!boundary.ok) return boundary;
  const multipart = parseMultipart(entity.body, boundary.value, codec, limits);
  if (!multipart.ok) return multipart;
  const children: MimeNode[] = [];
  for (const part of multipart.value.parts) {
    const inner = mediaType.value.subtype === 'digest' ? rfc822 : defaultMediaType;
    const child = nodeOf(part, inner, depth - 1, codec, limits);
    if (!child.ok) return child;
    children.push(child.value);
  }
  return ok({ entity, mediaType: mediaType.value, children });
}

/** The leaves in document order: the parts that are content rather than structure. */
export function leavesOf(node: MimeNode): readonly MimeNode[] {
  return node.children.length === 0 ? [node] : node.children.flatMap(leavesOf);
}
