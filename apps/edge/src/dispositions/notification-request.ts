import { createHmac } from 'node:crypto';
import { dateTimeAt, serialiseCpim } from '@parley/cpim';
import type { AskedMessage } from '@parley/imdn';
import { createNotification } from '@parley/imdn';
import type { ByteCodec } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { createRequest } from '@parley/sip';
import type { ToldFate } from './told-fate.ts';

/** Who notifies whom, of what. URIs are head text. */
export interface NotificationParts {
  readonly asked: AskedMessage;
  readonly told: ToldFate;
  /** The recipient of the message: the notification is from it. */
  readonly from: string;
  /** The sender of the message. */
  readonly to: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
  /** The same as Date has it. */
  readonly date: string;
  /** What only the edges of this installation know. */
  readonly secret: Uint8Array;
}

/**
 * The MESSAGE that carries a notification, without Via. Its names follow from the message and the type of the disposition:
 * told again after a crash it is the same notification, and no type is told twice in two ways.
 *
 * @spec RFC 5438 §7.2.1, §8.1, §8.2, §12.1.3.1
 */
export function notificationRequest(parts: NotificationParts, codec: ByteCodec): SipRequest {
  const { asked, told, from, to, now, date } = parts;
  const { callId, messageId, tag } = namesOf(parts);
  const { message } = createNotification(
    asked,
    {
      disposition: told.disposition,
      messageId,
      dateTime: dateTimeAt(now),
      recipient: { uri: from },
      ...(told.note === undefined ? {} : { note: { text: told.note, language: 'en' } }),
    },
    codec,
  );
  return createRequest({
    method: 'MESSAGE',
    requestUri: to,
    fields: [
      ['From', `<${from}>;tag=${tag}`],
      ['To', `<${to}>`],
      ['Call-ID', callId],
      ['CSeq', '1 MESSAGE'],
      ['Date', date],
      ['Content-Type', 'message/cpim'],
    ],
    body: serialiseCpim(message, codec),
  });
}

/** Names that nobody can guess who does not know the secret, whatever others he has seen. @spec RFC 5438 §6.3 */
function namesOf({ asked, told, from, to, secret }: NotificationParts) {
  const facts = [from, to, asked.messageId, told.disposition.type].join('\n');
  const digits = createHmac('sha256', secret).update(`imdn\n${facts}`).digest('hex');
  return { callId: digits.slice(0, 26), messageId: digits.slice(26, 52), tag: digits.slice(52) };
}
