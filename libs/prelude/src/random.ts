/** Randomness as an input: production passes a cryptographic source, tests a seeded one. */
export interface Random {
  /** `length` unpredictable octets. */
  bytes(length: number): Uint8Array;
}

const symbols = Uint8Array.from('0123456789abcdefghijklmnopqrstuv', (symbol) => symbol.charCodeAt(0));

/**
 * An unguessable token in [0-9a-v], five bits a character: a tag, branch, Call-ID or session id.
 *
 * @param length - characters; 26 carry 128 bits
 */
export function randomToken(random: Random, length: number): string {
  const octets = random.bytes(length);
  const codes: number[] = [];
  for (let i = 0; i < octets.length; i++) codes.push(symbols[(octets[i] ?? 0) & 31] ?? 0);
  // In one call: a token that is put together piece by piece is a piece of memory for each of its characters.
  return String.fromCharCode.apply(undefined, codes);
}
