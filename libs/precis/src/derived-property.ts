/** What a code point may be in a PRECIS string class. @spec RFC 8264 §8 */
export type DerivedProperty = 'PVALID' | 'FREE_PVAL' | 'CONTEXTJ' | 'CONTEXTO' | 'DISALLOWED' | 'UNASSIGNED';

/** Exceptions (F). @spec RFC 5892 §2.6, by RFC 8264 §9.6 */
const exceptions: readonly (readonly [RegExp, DerivedProperty])[] = [
  [/^[\u00df\u03c2\u06fd\u06fe\u0f0b\u3007]$/, 'PVALID'],
  [/^[\u00b7\u0375\u05f3\u05f4\u30fb\u0660-\u0669\u06f0-\u06f9]$/, 'CONTEXTO'],
  [/^[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]$/, 'DISALLOWED'],
];

/** The categories in the order that must not be changed, HasCompat (Q) aside. @spec RFC 8264 §8, §9 */
const beforeCompat: readonly (readonly [RegExp, DerivedProperty])[] = [
  // Unassigned (J)
  [/^(?!\p{Noncharacter_Code_Point})\p{Cn}$/u, 'UNASSIGNED'],
  // ASCII7 (K)
  [/^[!-~]$/, 'PVALID'],
  // JoinControl (H)
  [/^\p{Join_Control}$/u, 'CONTEXTJ'],
  // OldHangulJamo (I): Hangul_Syllable_Type is L, V or T
  [/^[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7c6\ud7cb-\ud7fb]$/, 'DISALLOWED'],
  // PrecisIgnorableProperties (M)
  [/^[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]$/u, 'DISALLOWED'],
  // Controls (L)
  [/^\p{Cc}$/u, 'DISALLOWED'],
];

const afterCompat: readonly (readonly [RegExp, DerivedProperty])[] = [
  // LetterDigits (A)
  [/^[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]$/u, 'PVALID'],
  // OtherLetterDigits (R), Spaces (N), Symbols (O), Punctuation (P)
  [/^[\p{Lt}\p{Nl}\p{No}\p{Me}\p{Zs}\p{S}\p{P}]$/u, 'FREE_PVAL'],
];

function lookUp(
  table: readonly (readonly [RegExp, DerivedProperty])[],
  character: string,
): DerivedProperty | undefined {
  return table.find(([category]) => category.test(character))?.[1];
}

/**
 * The derived property of one code point, by the Unicode version of the runtime.
 *
 * @param character - one code point; a lone surrogate is DISALLOWED
 * @spec RFC 8264 §8; BackwardCompatible (G) is empty
 */
export function derivedProperty(character: string): DerivedProperty {
  const early = lookUp(exceptions, character) ?? lookUp(beforeCompat, character);
  if (early !== undefined) return early;
  if (character.normalize('NFKC') !== character) return 'FREE_PVAL';
  return lookUp(afterCompat, character) ?? 'DISALLOWED';
}
