import { createCpimHead, dateTimeAt, serialiseCpim } from '@parley/cpim';
import type { FateImdn } from '@parley/imdn';
import { attributedPayload, notificationContent, writeImdnHeaders } from '@parley/imdn';
import type { ByteCodec, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';

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
export function notificationAnew(imdn: FateImdn, { from, to, recipient, now, random, codec }: Anew): Uint8Array {
  const metadata = { from: { uri: from }, to: [{ uri: to }], dateTime: dateTimeAt(now) };
  const names = writeImdnHeaders({ messageId: randomToken(random, 16) });
  const payload = attributedPayload(imdn, recipient, dateTimeAt(now), codec);
  const head = { headers: [...createCpimHead(metadata).headers, ...names] };
  return serialiseCpim({ head, content: notificationContent(payload) }, codec);
}
