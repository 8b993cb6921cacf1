import type { MediaType, MimeEntity, MimeNode } from '@parley/mime';
import { mediaEssence, parameterOf, parseMimeTree } from '@parley/mime';
import type { ByteCodec } from '@parley/prelude';

/** Types that sign, encrypt or both, in S/MIME and in PGP/MIME. @spec RFC 1847, RFC 8551 §3, RFC 3156 */
const encrypting: ReadonlySet<string> = new Set([
  'multipart/encrypted',
  'application/pkcs7-mime',
  'application/x-pkcs7-mime',
]);
const signing: ReadonlySet<string> = new Set([
  'multipart/signed',
  'application/pkcs7-signature',
  'application/x-pkcs7-signature',
  'application/pgp-signature',
]);

/** Whether a type says that an entity is encrypted, and not signed alone. @spec RFC 8551 §3.2.2 */
export function isEncryptedType(type: MediaType): boolean {
  return encrypting.has(mediaEssence(type)) && parameterOf(type, 'smime-type')?.toLowerCase() !== 'signed-data';
}

/** Whether some part of an entity is signed or encrypted; what cannot be taken apart may be. */
export function isProtected(content: MimeEntity, codec: ByteCodec): boolean {
  return someNode(content, codec, (type) => encrypting.has(type) || signing.has(type));
}

/** Whether some part of an entity is, or may be, encrypted. */
export function isEncrypted(content: MimeEntity, codec: ByteCodec): boolean {
  return someNode(content, codec, (type) => encrypting.has(type));
}

function someNode(content: MimeEntity, codec: ByteCodec, test: (mediaType: string) => boolean): boolean {
  const tree = parseMimeTree(content, codec);
  return !tree.ok || isOrHas(tree.value, test);
}

function isOrHas({ mediaType, children }: MimeNode, test: (mediaType: string) => boolean): boolean {
  return test(mediaEssence(mediaType)) || children.some((child) => isOrHas(child, test));
}
