/**
 * The Unicode toLowerCase() of each code point by itself, so without the rule that makes a sigma at the end of a word a
 * final one: PRECIS does not account for that (RFC 8265 §3.6), and a mapping that looks at neighbours is not stable.
 *
 * @spec RFC 8264 §5.2.3
 */
export function mapCase(text: string): string {
  return text.includes('Σ') ? Array.from(text, (character) => character.toLowerCase()).join('') : text.toLowerCase();
}
