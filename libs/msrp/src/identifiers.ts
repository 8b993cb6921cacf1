import { portableCodec, randomToken } from '@parley/prelude';
import type { ByteCodec, Random } from '@parley/prelude';

/** A fresh transaction identifier: 80 bits, where RFC 4975 §7.1 asks for 64. */
export function createTransactionId(random: Random): string {
  return randomToken(random, 16);
}

/** A fresh Message-ID, 130 bits: never repeated by this node or another, RFC 4975 §7.1.1. */
export function createMessageId(random: Random): string {
  return randomToken(random, 26);
}

/** A fresh session-id, 130 bits, where RFC 4975 §14.1 asks for 80: who knows it can take the session. */
export function createSessionId(random: Random): string {
  return randomToken(random, 26);
}

/**
 * Whether `body` holds what would end a request of this transaction, so that another identifier is needed.
 * A fresh random identifier cannot be guessed by who wrote the body; ask only for identifiers that others have seen.
 *
 * @spec RFC 4975 §7.1
 */
export function bodyHoldsEndLine(body: Uint8Array, transactionId: string, codec: ByteCodec = portableCodec): boolean {
  return codec.indexOf(body, codec.encodeLatin1(`-------${transactionId}`), 0) !== -1;
}
