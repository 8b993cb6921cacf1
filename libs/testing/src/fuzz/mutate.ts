import type { Dice } from './dice.ts';

type Crumbs = readonly [string, ...string[]];

/** What any parser of text stumbles over. */
const plainCrumbs: Crumbs = [
  '\r\n',
  '\r\n\r\n',
  '\r\n ',
  '\r',
  '\n',
  '\t',
  ' ',
  '\0',
  ';',
  ',',
  ':',
  '=',
  '"',
  '\\',
  '<',
  '>',
  '@',
  '?',
  '%00',
  '%',
  '/',
  '[',
  ']',
  '::',
  '\u00e9',
  '0',
  '-1',
  '2147483648',
  '4294967296',
  '99999999999999999999',
];

type Mutation = (octets: Buffer, dice: Dice, other: Buffer, crumbs: Crumbs) => Buffer;

function cut(octets: Buffer, dice: Dice): [start: number, end: number] {
  const start = dice.upTo(octets.length + 1);
  return [start, Math.min(octets.length, start + dice.upTo(dice.pick([2, 8, 40, 400]) + 1))];
}

const all: readonly [Mutation, ...Mutation[]] = [
  /** Another octet. */
  (octets, dice) => {
    const changed = Buffer.from(octets);
    if (changed.length > 0) changed[dice.upTo(changed.length)] = dice.upTo(256);
    return changed;
  },
  /** Less. */
  (octets, dice) => {
    const [start, end] = cut(octets, dice);
    return Buffer.concat([octets.subarray(0, start), octets.subarray(end)]);
  },
  /** The same twice. */
  (octets, dice) => {
    const [start, end] = cut(octets, dice);
    return Buffer.concat([octets.subarray(0, end), octets.subarray(start)]);
  },
  /** A crumb between. */
  (octets, dice, _other, crumbs) => {
    const at = dice.upTo(octets.length + 1);
    return Buffer.concat([octets.subarray(0, at), Buffer.from(dice.pick(crumbs), 'latin1'), octets.subarray(at)]);
  },
  /** A crumb at the beginning of a line. */
  (octets, dice, _other, crumbs) => {
    const line = octets.indexOf('\r\n', dice.upTo(octets.length + 1));
    const at = line === -1 ? octets.length : line + 2;
    return Buffer.concat([octets.subarray(0, at), Buffer.from(dice.pick(crumbs), 'latin1'), octets.subarray(at)]);
  },
  /** One and another. */
  (octets, dice, other) =>
    Buffer.concat([octets.subarray(0, dice.upTo(octets.length + 1)), other.subarray(dice.upTo(other.length + 1))]),
  /** Cut off. */
  (octets, dice) => octets.subarray(0, dice.upTo(octets.length + 1)),
];

/** Longest input, in octets: mutations of mutations must not grow for ever. */
const longest = 16_384;

/** The octets with so many things done to them; another input may get into them. */
export type Mutate = (octets: Buffer, times: number, dice: Dice, other: Buffer) => Buffer;

/** Mutations of a protocol in lines of text, by crumbs that its parsers stumble over. */
export function mutations(...ownCrumbs: readonly string[]): Mutate {
  const crumbs: Crumbs = [...plainCrumbs, ...ownCrumbs];
  return (octets, times, dice, other) => {
    let mutated = octets;
    for (let i = 0; i < times; i++) mutated = dice.pick(all)(mutated, dice, other, crumbs);
    return mutated.subarray(0, longest);
  };
}
