import { createCpimHead, dateTimeAt, serialiseCpim } from '@parley/cpim';
import type { Disposition, Imdn } from '@parley/imdn';
import { answeredBy, notificationContent, serialiseImdn, writeImdnHeaders } from '@parley/imdn';
import type { ByteCodec, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';

/** A notification that says what became of a message. */
export type ToldFate = Imdn & { readonly disposition: Disposition };

/** Whether it says so. */
export function tellsFate(imdn: Imdn): imdn is ToldFate {
  return imdn.disposition !== undefined;
}

/** The request that it answers. */
export function typeOf({ disposition }: ToldFate): string {
  return answeredBy(disposition);
}

/**
 * Its payload with the address of who notifies, or without any where nobody may learn that.
 *
 * @param now - stands in for the time of the message where the notification does not say it
 * @spec RFC 5438 §8.3, §14.2
 */
export function payloadFor(imdn: ToldFate, recipient: string | undefined, now: number, codec: ByteCodec): Uint8Array {
  const { recipientUri: _, originalRecipientUri: __, ...rest } = imdn;
  const uris = recipient === undefined ? {} : { recipientUri: recipient, originalRecipientUri: recipient };
  return serialiseImdn({ ...rest, ...uris, dateTime: imdn.dateTime ?? dateTimeAt(now) }, codec);
}

/** What a notification is made anew with. */
export interface Anew {
  /** CPIM From: the room, or the pseudonym. */
  readonly from: string;
  readonly to: string;
  /** What it says of who notifies; undefined: nothing. */
  readonly recipient: string | undefined;
  readonly now: number;
  readonly random: Random;
  readonly codec: ByteCodec;
}

/** The notification as a message of which nothing but its fate and its reason comes from who sent it. */
export function notificationAnew(imdn: ToldFate, { from, to, recipient, now, random, codec }: Anew): Uint8Array {
  const metadata = { from: { uri: from }, to: [{ uri: to }], dateTime: dateTimeAt(now) };
  const names = writeImdnHeaders({ messageId: randomToken(random, 16) });
  const head = { headers: [...createCpimHead(metadata).headers, ...names] };
  return serialiseCpim({ head, content: notificationContent(payloadFor(imdn, recipient, now, codec)) }, codec);
}
