import type { StoredList } from './api/views.ts';
import { usageError } from './exit-code.ts';

/** Properties of a list as they were typed. */
export interface ListProperties {
  displayName?: string;
  owner?: string;
  senders?: string;
  hideMembers?: boolean;
  members?: readonly string[];
}

/** What words ask of a list. */
export interface ListWish {
  readonly properties: ListProperties;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

const expected: Readonly<Record<string, string>> = {
  members: 'names or addresses between commas; members+= adds, members-= removes',
  senders: 'members, owner or anyone',
  owner: 'name of an account; empty: the operators',
  hideMembers: 'true or false',
  displayName: 'text',
};

const flags: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

/** Reads `key=value` words. @throws CommandError that names the word and what was expected */
export function readListWords(words: readonly string[]): ListWish {
  const properties: ListProperties = {};
  const add: string[] = [];
  const remove: string[] = [];
  for (const word of words) {
    const [, key = '', sign = '', value = ''] = /^([A-Za-z]+)([+-]?)=([^]*)$/.exec(word) ?? [];
    if (!Object.hasOwn(expected, key) || (sign !== '' && key !== 'members')) {
      throw usageError(`"${word}": expected key=value, the key being one of ${Object.keys(expected).join(', ')}`);
    }
    if (sign === '+') add.push(...itemsOf(value));
    else if (sign === '-') remove.push(...itemsOf(value));
    else setProperty(properties, key, value);
  }
  return { properties, add, remove };
}

function setProperty(properties: ListProperties, key: string, value: string): void {
  switch (key) {
    case 'members':
      properties.members = itemsOf(value);
      return;
    case 'hideMembers': {
      const flag = flags[value.toLowerCase()];
      if (flag === undefined) throw usageError(`"${key}=${value}": expected ${expected[key] ?? ''}`);
      properties.hideMembers = flag;
      return;
    }
    case 'displayName':
    case 'owner':
    case 'senders':
      properties[key] = value;
  }
}

function itemsOf(text: string): string[] {
  return text.split(',').flatMap((item) => item.trim() || []);
}

/** The whole of a list with some properties changed. */
export function changeList(list: StoredList, changes: ListProperties): object {
  const { displayName, owner, senders, hideMembers, members } = list;
  return { displayName, owner, senders, hideMembers, members, ...changes };
}

/** The keys with what they take, for the help. */
export function listHelp(): string {
  const rows = Object.entries(expected).map(([key, what]) => `  ${key.padEnd(13)}${what}`);
  return `\nKeys:\n${rows.join('\n')}`;
}
