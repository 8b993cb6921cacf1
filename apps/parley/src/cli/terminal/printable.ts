/** Controls, marks that change the direction of writing, and line separators: what could make a terminal lie. */
export const unprintable = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Text of strangers, nicknames above all, made safe for a terminal. */
export function printable(text: string): string {
  return text.replace(unprintable, '\u{FFFD}');
}
