/** Texts that are kept once, and the longest of them. */
const most = 1024;
const longest = 256;

const texts = new Map<string, string>();
const noTexts: readonly string[] = [];

/** The same text, kept once however many records have it: names of edges and of software. */
export function sharedText(text: string): string {
  const known = texts.get(text);
  if (known === undefined && texts.size < most && text.length <= longest) texts.set(text, text);
  return known ?? text;
}

/** {@link sharedText} of each; nothing is the same nothing for all. */
export function sharedTexts(list: readonly string[]): readonly string[] {
  return list.length === 0 ? noTexts : list.map(sharedText);
}
