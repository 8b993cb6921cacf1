import type { CpimMessage } from '@parley/cpim';
import { parseCpim } from '@parley/cpim';
import { imdnType, isNotification } from '@parley/imdn';
import { isComposingType } from '@parley/iscomposing';
import { contentTypeOf, decodedBody, leavesOf, mediaEssence, parseMimeTree } from '@parley/mime';
import type { ByteCodec } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { field, read, readRaw } from '@parley/sip';

/** What the body of a message is, as far as storing it is concerned. */
export type Content = 'message' | 'composing' | 'notification';

/** Undoes `deflate`; undefined when it cannot or the result would be too large. @spec RFC 1950 */
export type Inflate = (bytes: Uint8Array) => Uint8Array | undefined;

/** Looks at the body, bare or wrapped in CPIM, compressed or not; what cannot be read is a message. */
export function contentOf(request: SipRequest, codec: ByteCodec, inflate: Inflate): Content {
  const mediaType = mediaTypeOf(request);
  if (mediaType === undefined || !mayWrap(mediaType)) return contentOfType(mediaType);
  const cpim = wrappedIn(request, codec, inflate);
  if (cpim === undefined) return 'message';
  const wrapped = contentTypeOf(cpim.content);
  if (wrapped.ok && mediaEssence(wrapped.value) === isComposingType) return 'composing';
  return isNotification(cpim, codec) ? 'notification' : 'message';
}

/** The media type of the body as it came. */
export function mediaTypeOf(request: SipRequest): string | undefined {
  const type = read(request, field.contentType);
  return type.ok ? type.value?.mediaType : undefined;
}

/**
 * The `message/cpim` that a body is, uncompressed, or that it holds beside other parts; undefined when there is none that
 * can be read.
 *
 * @spec RFC 5438 §9, RFC 5365 §7.3
 */
export function wrappedIn(request: SipRequest, codec: ByteCodec, inflate: Inflate): CpimMessage | undefined {
  const mediaType = mediaTypeOf(request);
  if (mediaType === undefined || !mayWrap(mediaType)) return undefined;
  const body = plainBody(request, inflate);
  const octets = mediaType === 'message/cpim' ? body : body && partOf(request, body, codec);
  const cpim = octets && parseCpim(octets, codec);
  return cpim?.ok === true ? cpim.value : undefined;
}

/** Whether a body of this type may be, or hold, a `message/cpim`. */
export function mayWrap(mediaType: string): boolean {
  return mediaType === 'message/cpim' || mediaType.startsWith('multipart/');
}

/** The first `message/cpim` of a multipart. */
function partOf(request: SipRequest, body: Uint8Array, codec: ByteCodec): Uint8Array | undefined {
  const value = readRaw(request, 'Content-Type') ?? '';
  const tree = parseMimeTree({ fields: [{ name: 'Content-Type', value }], body }, codec);
  const leaf = tree.ok
    ? leavesOf(tree.value).find(({ mediaType }) => mediaEssence(mediaType) === 'message/cpim')
    : undefined;
  const decoded = leaf && decodedBody(leaf.entity);
  return decoded?.ok === true ? decoded.value : undefined;
}

function plainBody(request: SipRequest, inflate: Inflate): Uint8Array | undefined {
  const encoding = readRaw(request, 'Content-Encoding')?.trim().toLowerCase();
  if (encoding === undefined || encoding === '' || encoding === 'identity') return request.body;
  return encoding === 'deflate' ? inflate(request.body) : undefined;
}

function contentOfType(mediaType: string | undefined): Content {
  if (mediaType === isComposingType) return 'composing';
  return mediaType === imdnType ? 'notification' : 'message';
}
