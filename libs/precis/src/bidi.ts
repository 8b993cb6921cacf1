/**
 * Bidi classes of what the IdentifierClass admits, derived from properties that regular expressions have: inside the
 * blocks that Unicode gives to right-to-left scripts, letters and digits are R or AL unless they are numbers of another
 * class. R and AL count alike in every condition.
 */
const rightToLeftBlocks = '\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}';
const arabicNumber = /^[\u0660-\u0669\u{10d30}-\u{10d39}]$/u;
const europeanNumber = /^[0-9\u06f0-\u06f9]$/;
const nonspacing = /^(?![\u0cbf\u0cc6\u{11a07}\u{11a08}\u{11c3f}])[\p{Mn}\u{1171e}]$/u;
const rightToLeft = new RegExp(`^[${rightToLeftBlocks}]$`, 'u');
/** ES, CS, ET, ON and BN: ASCII that is neither letter nor digit, and the few letters that are symbols to Unicode. */
const neutral =
  /^[!-/:-@[-`{-~\u00b7\u02b9\u02ba\u02c6-\u02cf\u02ec\u0375\u200c\u200d\u30fb\u2e2f\ua67f\ua717-\ua71f\ua788]$/;

type BidiClass = 'R' | 'AN' | 'EN' | 'NSM' | 'neutral' | 'L';

function bidiClass(character: string): BidiClass {
  if (europeanNumber.test(character)) return 'EN';
  if (neutral.test(character)) return 'neutral';
  if (nonspacing.test(character)) return 'NSM';
  if (arabicNumber.test(character)) return 'AN';
  return rightToLeft.test(character) ? 'R' : 'L';
}

/** Whether a name that has right-to-left code points satisfies the six conditions; any other name does. @spec RFC 5893 §2 */
export function satisfiesBidiRule(text: string): boolean {
  const classes = Array.from(text, bidiClass);
  if (!classes.includes('R') && !classes.includes('AN')) return true;
  const end = classes.findLast((it) => it !== 'NSM');
  const [first] = classes;
  if (first === 'R') {
    const mixed = classes.includes('EN') && classes.includes('AN');
    return !classes.includes('L') && (end === 'R' || end === 'EN' || end === 'AN') && !mixed;
  }
  return first === 'L' && !classes.includes('R') && !classes.includes('AN') && (end === 'L' || end === 'EN');
}
