/** Randomness as an input: production passes a cryptographic source, tests a seeded one. */
export interface Random {
  /** `length` unpredictable octets. */
  bytes(length: number): Uint8Array;
}

const alphabet = '0123456789abcdefghijklmnopqrstuv';

/**
 * An unguessable token in [0-9a-v], five bits a character: a tag, branch, Call-ID or session id.
 *
 * @param length - characters; 26 carry 128 bits
 */
export function randomToken(random: Random, length: number): string {
  let token = '';
  for (const byte of random.bytes(length)) token += alphabet.charAt(byte & 31);
  return token;
}
