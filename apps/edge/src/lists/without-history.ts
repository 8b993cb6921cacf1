import type { MimeEntity } from '@parley/mime';
import { boundaryOf, fieldValue, parseContentDisposition, parseMediaType, parseMultipart } from '@parley/mime';
import type { ByteCodec } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { readRaw } from '@parley/sip';
import { unwrapped, withContent } from './content.ts';

const mixed = /^multipart\/mixed\s*;/i;

/** Whether the message may have come by a list; cheap, since every message is asked. */
export function mayHaveHistory(request: SipRequest): boolean {
  const type = readRaw(request, 'Content-Type');
  return type !== undefined && mixed.test(type);
}

/**
 * A message of a list as a device gets it that cannot take multipart bodies: what stands beside the history.
 *
 * @returns undefined for a message without a history, or with more than one part beside it
 * @spec RFC 5364 §7 (legacy recipients)
 */
export function withoutHistory(request: SipRequest, codec: ByteCodec): SipRequest | undefined {
  const type = parseMediaType(readRaw(request, 'Content-Type') ?? '');
  const boundary = type.ok && mayHaveHistory(request) ? boundaryOf(type.value) : undefined;
  const multipart = boundary?.ok === true ? parseMultipart(request.body, boundary.value, codec) : undefined;
  if (multipart?.ok !== true) return undefined;
  const { parts } = multipart.value;
  const [only, ...others] = parts.filter((part) => !isHistory(part));
  if (only === undefined || others.length > 0 || parts.length === 1) return undefined;
  const content = unwrapped(only);
  return content && withContent(request, content);
}

function isHistory(part: MimeEntity): boolean {
  const disposition = parseContentDisposition(fieldValue(part.fields, 'Content-Disposition') ?? '');
  return disposition.ok && disposition.value.type === 'recipient-list-history';
}
