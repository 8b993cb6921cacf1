import type { CpimMessage } from '@parley/cpim';
import type { Boundary, MimeEntity } from '@parley/mime';
import {
  contentTypeOf,
  decodedBody,
  leavesOf,
  mediaEssence,
  parseMimeTree,
  serialiseMediaType,
  serialiseMultipart,
} from '@parley/mime';
import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { ok, portableCodec } from '@parley/prelude';
import type { Imdn } from './imdn.ts';
import { imdnType } from './imdn.ts';
import { readImdn } from './read.ts';

/** The content of a notification. @spec RFC 5438 §7.2.1: Content-Disposition MUST be `notification` */
export function notificationContent(payload: Uint8Array): MimeEntity {
  return {
    fields: [
      { name: 'Content-Type', value: imdnType },
      { name: 'Content-Disposition', value: 'notification' },
      { name: 'Content-Length', value: String(payload.length) },
    ],
    body: payload,
  };
}

/**
 * The content of several notifications in one, each payload as it came.
 *
 * @spec RFC 5438 §8.3
 */
export function aggregatedContent(
  payloads: readonly Uint8Array[],
  boundary: Boundary,
  codec: ByteCodec = portableCodec,
): MimeEntity {
  const parts = payloads.map((body) => ({ fields: [{ name: 'Content-Type', value: imdnType }], body }));
  const body = serialiseMultipart({ parts }, boundary, codec);
  const parameters = [{ name: 'boundary', value: boundary }];
  return {
    fields: [
      { name: 'Content-Type', value: serialiseMediaType({ type: 'multipart', subtype: 'mixed', parameters }) },
      { name: 'Content-Disposition', value: 'notification' },
      { name: 'Content-Length', value: String(body.length) },
    ],
    body,
  };
}

/** The entities that are payloads: the content itself, or parts of it. Empty when there is none, so that it is an IM. */
function payloadsOf(content: MimeEntity, codec: ByteCodec): readonly MimeEntity[] {
  const type = contentTypeOf(content);
  if (!type.ok) return [];
  if (mediaEssence(type.value) === imdnType) return [content];
  if (type.value.type !== 'multipart') return [];
  const tree = parseMimeTree(content, codec);
  if (!tree.ok) return [];
  return leavesOf(tree.value).flatMap(({ entity, mediaType }) =>
    mediaEssence(mediaType) === imdnType ? [entity] : [],
  );
}

/**
 * Whether a message is a notification, single or aggregated. By its payload alone: clients forget Content-Disposition,
 * and a notification MUST never be asked for of one.
 *
 * @spec RFC 5438 §9, §7.2.1
 */
export function isNotification({ content }: Pick<CpimMessage, 'content'>, codec: ByteCodec = portableCodec): boolean {
  return payloadsOf(content, codec).length > 0;
}

/**
 * The payloads of a notification in order; none when the message is an IM.
 *
 * @returns an error when one is malformed
 * @spec RFC 5438 §9, §8.3
 */
export function imdnsOf(content: MimeEntity, codec: ByteCodec = portableCodec): Result<readonly Imdn[], ParseError> {
  const found: Imdn[] = [];
  for (const entity of payloadsOf(content, codec)) {
    const body = decodedBody(entity);
    if (!body.ok) return body;
    const imdn = readImdn(body.value, codec);
    if (!imdn.ok) return imdn;
    found.push(imdn.value);
  }
  return ok(found);
}
