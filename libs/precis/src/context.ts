import { endsWithVirama, joinsAcross } from './joining.ts';

type Rule = (characters: readonly string[], at: number) => boolean;

const greek = /^\p{Script=Greek}/u;
const hebrew = /^\p{Script=Hebrew}/u;
const japanese = /^[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]$/u;
const arabicIndic = /^[\u0660-\u0669]$/;
const extendedArabicIndic = /^[\u06f0-\u06f9]$/;

/** Offsets of the nearest characters first. */
function* backwards(characters: readonly string[], from: number): Generator<string> {
  for (let i = from; i >= 0; i--) yield characters[i] ?? '';
}

const zeroWidthNonJoiner: Rule = (characters, at) =>
  endsWithVirama(characters[at - 1] ?? '') ||
  joinsAcross(backwards(characters, at - 1), characters.slice(at + 1, at + 1 + reach));

/** Transparent marks looked at on each side of a non-joiner; no orthography stacks as many. */
const reach = 32;

/** The contextual rule of each character that has one. @spec RFC 5892 Appendix A */
const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['\u200c', zeroWidthNonJoiner],
  ['\u200d', (characters, at) => endsWithVirama(characters[at - 1] ?? '')],
  ['\u00b7', (characters, at) => characters[at - 1] === 'l' && characters[at + 1] === 'l'],
  ['\u0375', (characters, at) => greek.test(characters[at + 1] ?? '')],
  ['\u05f3', (characters, at) => hebrew.test(characters[at - 1] ?? '')],
  ['\u05f4', (characters, at) => hebrew.test(characters[at - 1] ?? '')],
  ['\u30fb', (characters) => characters.some((character) => japanese.test(character))],
]);

/** Whether a character that requires a context stands in one. @spec RFC 8264 §8, RFC 5892 Appendix A */
export function contextAllows(characters: readonly string[], at: number): boolean {
  const character = characters[at] ?? '';
  if (arabicIndic.test(character)) return !characters.some((other) => extendedArabicIndic.test(other));
  if (extendedArabicIndic.test(character)) return !characters.some((other) => arabicIndic.test(other));
  return rules.get(character)?.(characters, at) ?? false;
}
