import type { CpimAddress, CpimMessage, DateTime, LocalText } from '@parley/cpim';
import { createCpimHead } from '@parley/cpim';
import type { ByteCodec } from '@parley/prelude';
import { portableCodec } from '@parley/prelude';
import type { AskedMessage } from './asked.ts';
import { notificationContent } from './content.ts';
import type { Disposition } from './disposition.ts';
import type { WritableImdn } from './imdn.ts';
import { writeImdnHeaders } from './imdn-headers.ts';
import { serialiseImdn } from './write.ts';

/** What is to be told about a message. */
export interface Notice {
  readonly disposition: Disposition;
  /** Of the notification itself: never used before and not to be guessed, 64 random bits at least. @spec RFC 5438 §6.3 */
  readonly messageId: string;
  /** When the notification is made; also stands in for when the message was sent, where that does not say. */
  readonly dateTime: DateTime;
  /** Who notifies: the final recipient, which the message need not name. */
  readonly recipient: CpimAddress;
  readonly note?: LocalText;
}

/** A notification and where it goes. */
export interface Notification {
  readonly message: CpimMessage;
  /** URI to send it to: the topmost intermediary that wants to see it, else the sender. @spec RFC 5438 §7.2.1 */
  readonly target: string;
}

/** The payload about a message; its two URIs come together, as the schema has them. @spec RFC 5438 §11.1, §12.2 */
function payload(asked: AskedMessage, { disposition, dateTime, recipient, note }: Notice): WritableImdn {
  return {
    messageId: asked.messageId,
    dateTime: asked.dateTime ?? dateTime,
    recipientUri: recipient.uri,
    originalRecipientUri: (asked.originalTo ?? asked.recipient ?? recipient).uri,
    ...(asked.subject === undefined ? {} : { subject: asked.subject }),
    disposition,
    ...(note === undefined ? {} : { note }),
  };
}

/**
 * Makes a notification from the recipient to the sender. It asks for none itself, and takes the way that intermediaries
 * recorded.
 *
 * @spec RFC 5438 §7.2.1, §7.2.1.1
 */
export function createNotification(
  asked: AskedMessage,
  notice: Notice,
  codec: ByteCodec = portableCodec,
): Notification {
  const { sender, recordRoutes } = asked;
  const { headers } = createCpimHead({ from: notice.recipient, to: [sender], dateTime: notice.dateTime });
  const routing = writeImdnHeaders({ messageId: notice.messageId, routes: recordRoutes });
  const content = notificationContent(serialiseImdn(payload(asked, notice), codec));
  return {
    message: { head: { headers: [...headers, ...routing] }, content },
    target: (recordRoutes[0] ?? sender).uri,
  };
}
