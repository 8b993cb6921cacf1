import { decodeUtf8, ok } from '@parley/prelude';
import type { ParseError, Result } from '@parley/prelude';
import {
  cpimDateTime,
  cpimFrom,
  cpimTo,
  createCpim,
  dateTimeAt,
  imdnNamespace,
  parseCpim,
  serialiseCpim,
} from '@parley/cpim';
import type { CpimAddress, CpimHead } from '@parley/cpim';
import { fieldValue } from '@parley/mime';

/** A message of a chat room, out of its wrapper. */
export interface ChatMessage {
  readonly from: CpimAddress;
  readonly to: readonly CpimAddress[];
  /** RFC 3339 text; undefined when the sender gave none. */
  readonly dateTime: string | undefined;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** The body read as UTF-8. */
  readonly text: string;
  /** All CPIM headers, for extensions. */
  readonly head: CpimHead;
}

/** A message for a chat room, before it is wrapped. */
export interface ChatDraft {
  readonly from: CpimAddress;
  readonly to: CpimAddress;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly wallTime: number;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Asks for these disposition notifications, under this id. @spec RFC 5438 §6 */
  readonly notification?: { readonly messageId: string; readonly types: readonly string[] };
}

/** Type of what wraps every message of a room. @spec RFC 7701 §5.1 */
export const cpimType = 'message/cpim';

/** Octets of a message in its wrapper. @spec RFC 7701 §6.1, RFC 3862 */
export function wrapChatMessage(draft: ChatDraft): Uint8Array {
  const { from, to, wallTime, contentType, body, notification } = draft;
  const headers: (readonly [string, string])[] =
    notification === undefined
      ? []
      : [
          ['Message-ID', notification.messageId],
          ['Disposition-Notification', notification.types.join(', ')],
        ];
  const extensions = headers.length === 0 ? [] : [{ prefix: 'imdn', namespace: imdnNamespace, headers }];
  return serialiseCpim(createCpim({ from, to: [to], dateTime: dateTimeAt(wallTime), extensions }, contentType, body));
}

/** Takes a message out of its wrapper. */
export function unwrapChatMessage(bytes: Uint8Array): Result<ChatMessage, ParseError> {
  const cpim = parseCpim(bytes);
  if (!cpim.ok) return cpim;
  const { head, content } = cpim.value;
  const from = cpimFrom(head);
  if (!from.ok) return from;
  const to = cpimTo(head);
  const dateTime = cpimDateTime(head);
  return ok({
    from: from.value,
    to: to.ok ? to.value : [],
    dateTime: dateTime.ok ? dateTime.value : undefined,
    contentType: fieldValue(content.fields, 'Content-Type') ?? 'text/plain',
    body: content.body,
    text: decodeUtf8(content.body),
    head,
  });
}
