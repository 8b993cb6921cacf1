/** How the text of an environment variable becomes a value. */
export interface SettingType<T> {
  /** What is allowed, as it reads after "must be". */
  readonly allowed: string;
  /** The value, or undefined when the text is not allowed. */
  readonly parse: (text: string) => T | undefined;
  /** How the offending text is shown; secrets show as `***`. Default: as it is. */
  readonly show?: (text: string) => string;
}

/** Shows nothing of a secret. */
export function masked(): string {
  return '***';
}

/** Any text but the empty one. */
export const text: SettingType<string> = { allowed: 'some text', parse: (value) => value };

/** Any text but the empty one, never shown. */
export const secret: SettingType<string> = { ...text, show: masked };

/** An integer in decimal digits, from `min` to `max`. */
export function integer(min: number, max: number, unit: string): SettingType<number> {
  return {
    allowed: `${unit}, an integer from ${min} to ${max}`,
    parse: (value) => {
      const number = Number(value);
      return /^\d{1,15}$/.test(value) && number >= min && number <= max ? number : undefined;
    },
  };
}

/** A port; 0 lets the system pick one. */
export const port: SettingType<number> = integer(0, 65_535, 'a port');

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): SettingType<Word> {
  return {
    allowed: words.map((word) => `"${word}"`).join(' or '),
    parse: (value) => words.find((word) => word === value),
  };
}

/** Items between commas, each of one type; white space around them is dropped, and empty ones with it. */
export function listOf<Item>(item: SettingType<Item>): SettingType<readonly Item[]> {
  return {
    ...item,
    allowed: `a comma-separated list; each item ${item.allowed}`,
    parse: (value) => {
      const texts = value.split(',').flatMap((part) => part.trim() || []);
      const items = texts.flatMap((part) => item.parse(part) ?? []);
      return items.length === texts.length ? items : undefined;
    },
  };
}
