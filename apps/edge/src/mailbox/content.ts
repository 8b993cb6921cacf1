import type { CpimMessage } from '@parley/cpim';
import { parseCpim } from '@parley/cpim';
import { imdnType, isNotification } from '@parley/imdn';
import { isComposingType } from '@parley/iscomposing';
import { contentTypeOf, mediaEssence } from '@parley/mime';
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
  if (mediaType !== 'message/cpim') return contentOfType(mediaType);
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

/** The message that a body of `message/cpim` is, uncompressed; undefined when it cannot be read. */
export function wrappedIn(request: SipRequest, codec: ByteCodec, inflate: Inflate): CpimMessage | undefined {
  const body = plainBody(request, inflate);
  const cpim = body && parseCpim(body, codec);
  return cpim?.ok === true ? cpim.value : undefined;
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
