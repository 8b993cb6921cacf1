import { cpimFrom } from '@parley/cpim';
import { isNotification } from '@parley/imdn';
import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import { parseUri, readRaw } from '@parley/sip';
import type { Inflate } from '../mailbox/content.ts';
import { mediaTypeOf, wrappedIn } from '../mailbox/content.ts';
import type { Origin } from '../privacy/asserted-identity.ts';
import type { SenderDirectory } from '../replace/sender-key.ts';
import { addressKey, senderKey } from '../replace/sender-key.ts';

/** Where senders and bodies are read. */
export interface ForgeryMeans extends SenderDirectory {
  readonly inflate: Inflate;
}

const marker = Buffer.from('imdn+xml');
/** The marker in any case, or what may hide it (RFC 2045 §5.1, §6). */
const otherMarker = /imdn\+xml|content-transfer-encoding/i;

/**
 * Whether a request carries a disposition notification whose CPIM From is another than the sender that SIP authenticated.
 * Cheap for what is no notification, since every message is asked.
 *
 * @spec RFC 5438 §14, REQ-DISNOT-8 of the Advanced IM Requirements
 */
export function isForgedNotification(request: SipRequest, origin: Origin, means: ForgeryMeans): boolean {
  if (request.method !== 'MESSAGE' || !mayNotify(request)) return false;
  const cpim = wrappedIn(request, nodeBytes, means.inflate);
  if (cpim === undefined || !isNotification(cpim, nodeBytes)) return false;
  const from = cpimFrom(cpim.head, nodeBytes);
  const uri = from.ok ? parseUri(from.value.uri) : undefined;
  // Without a From that can be read it is in nobody's name but the sender's.
  if (uri?.ok !== true) return false;
  const claimed = addressKey(uri.value, means);
  const sender = origin.account === '' ? senderKey(request, means) : `user ${origin.account}`;
  return claimed !== undefined && claimed !== sender;
}

/** Whether a request may carry a notification; cheap, and never a wrong no. A body that is encoded may be anything. */
export function mayNotify(request: SipRequest): boolean {
  const mediaType = mediaTypeOf(request);
  if (mediaType !== 'message/cpim' && mediaType?.startsWith('multipart/') !== true) return false;
  if (readRaw(request, 'Content-Encoding') !== undefined) return true;
  const { body } = request;
  return nodeBytes.indexOf(body, marker, 0) !== -1 || otherMarker.test(nodeBytes.decodeLatin1(body, 0, body.length));
}
