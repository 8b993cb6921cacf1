/** Texts that are kept once, and the longest of them. */
const most = 1024;
const longest = 256;

const noTexts: readonly string[] = [];

/** Texts that many records of one copy have: names of edges and of software, each kept once. */
export class SharedTexts {
  private readonly texts = new Map<string, string>();

  /** The same text, as it was first seen. */
  of(text: string): string {
    const known = this.texts.get(text);
    if (known === undefined && this.texts.size < most && text.length <= longest) this.texts.set(text, text);
    return known ?? text;
  }

  /** Each of them; nothing is the same nothing for all. */
  all(list: readonly string[]): readonly string[] {
    return list.length === 0 ? noTexts : list.map((text) => this.of(text));
  }
}
