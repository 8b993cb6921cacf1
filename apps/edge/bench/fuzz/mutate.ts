import type { Dice } from './dice.ts';

/** What parsers stumble over. */
const crumbs: readonly [string, ...string[]] = [
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
  'sip:',
  'sips:',
  'tel:+1',
  'im:',
  ';branch=z9hG4bK',
  ';rport',
  ';received=1.2.3.4',
  ';tag=a',
  ';lr',
  ';expires=0',
  'Via: SIP/2.0/UDP a;branch=z9hG4bKx\r\n',
  'Route: <sip:localhost;lr>\r\n',
  'Record-Route: <sip:x;lr>\r\n',
  'Content-Length: 5\r\n',
  'Contact: *\r\n',
  'Require: path\r\n',
  'Proxy-Authorization: Digest username="alice"\r\n',
  'Expires: 0\r\n',
  'Max-Forwards: 0\r\n',
  ' SIP/2.0',
];

type Mutation = (octets: Buffer, dice: Dice, other: Buffer) => Buffer;

function cut(octets: Buffer, dice: Dice): [start: number, end: number] {
  const start = dice.upTo(octets.length + 1);
  return [start, Math.min(octets.length, start + dice.upTo(dice.pick([2, 8, 40, 400]) + 1))];
}

const mutations: readonly [Mutation, ...Mutation[]] = [
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
  (octets, dice) => {
    const at = dice.upTo(octets.length + 1);
    return Buffer.concat([octets.subarray(0, at), Buffer.from(dice.pick(crumbs), 'latin1'), octets.subarray(at)]);
  },
  /** A crumb at the beginning of a line. */
  (octets, dice) => {
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

/** The octets with some things done to them. */
export function mutate(octets: Buffer, times: number, dice: Dice, other: Buffer): Buffer {
  let mutated = octets;
  for (let i = 0; i < times; i++) mutated = dice.pick(mutations)(mutated, dice, other);
  return mutated.subarray(0, longest);
}
