import type { ByteCodec } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { withBody, without } from '@parley/sip';
import type { Inflate } from '../mailbox/content.ts';
import { contentOf, mediaTypeOf, wrappedIn } from '../mailbox/content.ts';
import { plainTextOf } from './plain-text.ts';

/** Fields that describe the wrapper, not the text in it. */
const ofTheWrapper = ['Content-Encoding', 'Content-Disposition', 'Content-Language', 'Content-Transfer-Encoding'];

/**
 * A message for a device that takes plain text only.
 *
 * @returns the request as it came where nothing can be done for it, with the wrapped text as its body where it wraps text,
 * or undefined for what says nothing to such a device: is-composing and disposition notifications
 */
export function forPlainOnly(request: SipRequest, codec: ByteCodec, inflate: Inflate): SipRequest | undefined {
  if (contentOf(request, codec, inflate) !== 'message') return undefined;
  return unwrapped(request, codec, inflate) ?? request;
}

/** A message with the text that it wraps in CPIM as its body; undefined when it wraps none, or none that may be taken out. */
export function unwrapped(request: SipRequest, codec: ByteCodec, inflate: Inflate): SipRequest | undefined {
  if (mediaTypeOf(request) !== 'message/cpim') return undefined;
  const cpim = wrappedIn(request, codec, inflate);
  const text = cpim && plainTextOf(cpim.content, codec);
  if (text === undefined) return undefined;
  const bare = ofTheWrapper.reduce((message, name) => without(message, { name }), request);
  return withBody(bare, text.contentType, text.body);
}
