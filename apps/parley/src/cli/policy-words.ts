import { usageError } from './exit-code.ts';

type PolicyValue = boolean | number | string | readonly string[];

interface KeyType {
  readonly expected: string;
  /** @returns undefined for text that is not of the type */
  readonly parse: (text: string) => PolicyValue | undefined;
}

const words: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

const flag: KeyType = { expected: 'true or false', parse: (text) => words[text.toLowerCase()] };
const text: KeyType = { expected: 'text', parse: (value) => value };
const count: KeyType = {
  expected: 'a whole number',
  parse: (value) => (/^\d{1,15}$/.test(value) ? Number(value) : undefined),
};
const scope: KeyType = {
  expected: 'room or domain',
  parse: (value) => (value === 'room' || value === 'domain' ? value : undefined),
};
const list: KeyType = {
  expected: 'addresses between commas',
  parse: (value) => value.split(',').flatMap((item) => item.trim() || []),
};

/** What a room's policy is made of, with what each key takes. */
export const policyKeys: Readonly<Record<string, KeyType>> = {
  nicknames: flag,
  nicknameScope: scope,
  privateMessages: flag,
  welcome: text,
  history: count,
  replay: count,
  maxParticipants: count,
  maxSize: count,
  persistent: flag,
  endsWithCreator: flag,
  membersOnly: flag,
  members: list,
  banned: list,
  speakers: list,
  password: text,
  moderated: flag,
  hideMembers: flag,
  mediaServer: text,
};

/** Reads `key=value` words. @throws CommandError that names the word and what was expected */
export function parsePolicy(given: readonly string[]): Record<string, PolicyValue> {
  const policy: Record<string, PolicyValue> = {};
  for (const word of given) {
    const [key, value] = parseWord(word);
    if (Object.hasOwn(policy, key)) throw usageError(`${key} is there twice`);
    policy[key] = value;
  }
  return policy;
}

function parseWord(word: string): readonly [key: string, value: PolicyValue] {
  const equals = word.indexOf('=');
  if (equals < 1) throw usageError(`"${word}": expected key=value, such as history=0`);
  const key = word.slice(0, equals);
  const type = Object.hasOwn(policyKeys, key) ? policyKeys[key] : undefined;
  if (type === undefined) {
    throw usageError(`"${key}" is no key of a policy; known are ${Object.keys(policyKeys).join(', ')}`);
  }
  const value = type.parse(word.slice(equals + 1));
  if (value === undefined) throw usageError(`"${word}": expected ${type.expected}`);
  return [key, value];
}

/** The keys with what they take, for the help. */
export function policyHelp(): string {
  const rows = Object.entries(policyKeys).map(([key, { expected }]) => `  ${key.padEnd(17)}${expected}`);
  return `\nPolicy keys:\n${rows.join('\n')}`;
}
