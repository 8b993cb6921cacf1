import type { CpimMessage } from '@parley/cpim';
import type { AskedMessage } from '@parley/imdn';
import { askedBy } from '@parley/imdn';
import type { ByteCodec } from '@parley/prelude';
import type { SipRequest, Uri } from '@parley/sip';
import { field, read } from '@parley/sip';
import type { Inflate } from '../mailbox/content.ts';
import { wrappedIn } from '../mailbox/content.ts';
import { isEncrypted } from '../plain-only/protection.ts';

/** A message whose sender wants to hear what becomes of it. */
export interface CuriousMessage {
  readonly asked: AskedMessage;
  /** Who sent it, as authentication proved. */
  readonly sender: Uri;
  /** Whom its sender wrote to; what To says, which nothing proves. */
  readonly to: Uri;
}

/**
 * What a request asks about itself.
 *
 * @returns undefined when it asks nothing, or nothing that may be answered: headers that cannot be read, or encrypted
 * content, whose notifications would have to be encrypted too
 * @spec RFC 5438 §12.2, §14.2
 */
export function curiosityOf(request: SipRequest, codec: ByteCodec, inflate: Inflate): CuriousMessage | undefined {
  const cpim = wrappedIn(request, codec, inflate);
  return cpim === undefined || isEncrypted(cpim.content, codec) ? undefined : curiosityIn(request, cpim, codec);
}

/** The same, of an encrypted message too: what others tell of it is to be looked after, whatever may be told of it here. */
export function anyCuriosityOf(request: SipRequest, codec: ByteCodec, inflate: Inflate): CuriousMessage | undefined {
  const cpim = wrappedIn(request, codec, inflate);
  return cpim === undefined ? undefined : curiosityIn(request, cpim, codec);
}

function curiosityIn(request: SipRequest, cpim: CpimMessage, codec: ByteCodec): CuriousMessage | undefined {
  const asked = askedBy(cpim, codec);
  if (!asked.ok || asked.value === undefined) return undefined;
  const from = read(request, field.from);
  const to = read(request, field.to);
  if (!from.ok || from.value === undefined || !to.ok || to.value === undefined) return undefined;
  return { asked: asked.value, sender: from.value.uri, to: to.value.uri };
}
