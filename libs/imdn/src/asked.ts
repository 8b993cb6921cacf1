import type { CpimAddress, CpimMessage, LocalText } from '@parley/cpim';
import { cpimDateTime, cpimFrom, cpimSubjects, cpimTo } from '@parley/cpim';
import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { ok, portableCodec } from '@parley/prelude';
import { isNotification } from './content.ts';
import type { Disposition, NotificationType } from './disposition.ts';
import { answeredBy } from './disposition.ts';
import { imdnHeadersOf } from './imdn-headers.ts';
import type { NotifyRequest } from './notify-request.ts';

/** What a notification has to know of a message that asks for one. */
export interface AskedMessage {
  readonly messageId: string;
  readonly requests: readonly NotifyRequest[];
  readonly sender: CpimAddress;
  /** Whom the sender wrote to; undefined when the message names nobody. */
  readonly recipient?: CpimAddress;
  readonly originalTo?: CpimAddress;
  readonly recordRoutes: readonly CpimAddress[];
  readonly dateTime?: string;
  readonly subject?: LocalText;
}

/**
 * What a message asks for.
 *
 * @returns undefined when it asks for nothing: no request, no Message-ID to name it by, or a notification itself, of which
 * none MUST ever be sent; an error when it asks in headers that cannot be read
 * @spec RFC 5438 §7.2.1
 */
export function askedBy(
  message: CpimMessage,
  codec: ByteCodec = portableCodec,
): Result<AskedMessage | undefined, ParseError> {
  const headers = imdnHeadersOf(message.head, codec);
  if (!headers.ok) return headers;
  const { messageId, requests, originalTo, recordRoutes } = headers.value;
  if (messageId === undefined || requests.length === 0 || isNotification(message, codec)) return ok(undefined);
  const from = cpimFrom(message.head, codec);
  if (!from.ok) return from;
  const to = cpimTo(message.head, codec);
  if (!to.ok) return to;
  const [recipient] = to.value;
  const dateTime = cpimDateTime(message.head);
  const [subject] = cpimSubjects(message.head, codec);
  return ok({
    messageId,
    requests,
    sender: from.value,
    ...(recipient === undefined ? {} : { recipient }),
    ...(originalTo === undefined ? {} : { originalTo }),
    recordRoutes,
    ...(dateTime.ok ? { dateTime: dateTime.value } : {}),
    ...(subject === undefined ? {} : { subject }),
  });
}

/** The request of a type, or undefined when it was not made. */
export function requestFor({ requests }: AskedMessage, type: NotificationType): NotifyRequest | undefined {
  return requests.find((request) => request.type === type);
}

/** Whether the sender wants to hear of a disposition. @spec RFC 5438 §7.2.1, §8.1, §8.2 */
export function isAskedFor(asked: AskedMessage, disposition: Disposition): boolean {
  return requestFor(asked, answeredBy(disposition)) !== undefined;
}
