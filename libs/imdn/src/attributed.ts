import type { DateTime } from '@parley/cpim';
import type { ByteCodec } from '@parley/prelude';
import { portableCodec } from '@parley/prelude';
import type { Imdn } from './imdn.ts';
import { serialiseImdn } from './write.ts';

/** A payload that says what became of a message. */
export type FateImdn = Imdn & Required<Pick<Imdn, 'disposition'>>;

/** Whether it says so. */
export function tellsFate(imdn: Imdn): imdn is FateImdn {
  return imdn.disposition !== undefined;
}

/**
 * A payload that an intermediary vouches for: it names who notified, as authentication proved, whatever he wrote himself;
 * or nobody, and nothing that he wrote, where no trace of him may be left.
 *
 * @param recipient - URI of who notified; undefined: hidden
 * @param now - stands in for the time of the message where the notification does not say it
 * @spec RFC 5438 §8.3, §14.2
 */
export function attributedPayload(
  imdn: FateImdn,
  recipient: string | undefined,
  now: DateTime,
  codec: ByteCodec = portableCodec,
): Uint8Array {
  const { recipientUri: _, originalRecipientUri: __, note: ___, ...anonymous } = imdn;
  const whose =
    recipient === undefined ? anonymous : { ...imdn, recipientUri: recipient, originalRecipientUri: recipient };
  return serialiseImdn({ ...whose, dateTime: imdn.dateTime ?? now }, codec);
}
