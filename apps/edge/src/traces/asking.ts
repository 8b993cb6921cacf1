import { askedBy } from '@parley/imdn';
import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import { readRaw } from '@parley/sip';
import type { Inflate } from '../mailbox/content.ts';
import { wrappedIn } from '../mailbox/content.ts';

const marker = Buffer.from('Disposition-Notification');
const wrapping = /^\s*(?:message\/cpim|multipart\/)/i;

/**
 * Message-ID of a message whose sender asks what becomes of it; undefined for any other, which costs a look at its type.
 *
 * @spec RFC 5438 §7.1.1
 */
export function askingIn(request: SipRequest, inflate: Inflate): string | undefined {
  if (!wrapping.test(readRaw(request, 'Content-Type') ?? '')) return undefined;
  const isPlain = readRaw(request, 'Content-Encoding') === undefined;
  if (isPlain && nodeBytes.indexOf(request.body, marker, 0) === -1) return undefined;
  const cpim = wrappedIn(request, nodeBytes, inflate);
  const asked = cpim && askedBy(cpim, nodeBytes);
  return asked?.ok === true ? asked.value?.messageId : undefined;
}

/** Whether the octets of a request may be such a message; cheap, and never a wrong no. */
export function mayAsk(octets: Uint8Array): boolean {
  return nodeBytes.indexOf(octets, marker, 0) !== -1 || nodeBytes.indexOf(octets, compressed, 0) !== -1;
}

const compressed = Buffer.from('deflate');
