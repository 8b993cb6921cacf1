import { parseCpim } from '@parley/cpim';
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
  const type = read(request, field.contentType);
  const mediaType = type.ok ? type.value?.mediaType : undefined;
  if (mediaType !== 'message/cpim') return contentOfType(mediaType);
  const body = plainBody(request, inflate);
  const cpim = body && parseCpim(body, codec);
  const wrapped = cpim?.ok === true ? contentTypeOf(cpim.value.content) : undefined;
  return wrapped?.ok === true ? contentOfType(mediaEssence(wrapped.value)) : 'message';
}

function plainBody(request: SipRequest, inflate: Inflate): Uint8Array | undefined {
  const encoding = readRaw(request, 'Content-Encoding')?.trim().toLowerCase();
  if (encoding === undefined || encoding === '' || encoding === 'identity') return request.body;
  return encoding === 'deflate' ? inflate(request.body) : undefined;
}

function contentOfType(mediaType: string | undefined): Content {
  if (mediaType === 'application/im-iscomposing+xml') return 'composing';
  return mediaType === 'message/imdn+xml' ? 'notification' : 'message';
}
