import { code } from '../grammar/characters.ts';
import type { NameAddr } from '../grammar/name-addr.ts';
import { scanNameAddr, serialiseNameAddr } from '../grammar/name-addr.ts';
import { quote } from '../grammar/quoted.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { list } from './define.ts';
import type { Untaken } from './take.ts';
import { mostSeconds, parameter, serialiseQ, takeNumber, takeQ, takeText } from './take.ts';

/** Where to reach the sender, with what a registrar and RFC 5626, 5627 add to it. */
export interface ContactAddress extends NameAddr {
  /** 0 to 1, three decimals. */
  readonly q?: number | undefined;
  /** Seconds; a malformed value counts as 3600. @spec RFC 3261 §10.2.1.1 */
  readonly expires?: number | undefined;
  /** URN of the device (`+sip.instance`) without brackets. @spec RFC 5626 §4.1 */
  readonly instance?: string | undefined;
  /** Number of the flow, from 1. @spec RFC 5626 §4.2 */
  readonly regId?: number | undefined;
  /** In answers to REGISTER. @spec RFC 5627 §5.3 */
  readonly pubGruu?: string | undefined;
  readonly tempGruu?: string | undefined;
}

/** `*` stands for all bindings, in a REGISTER with Expires 0. */
export type Contact = '*' | ContactAddress;

/** Highest number of a flow. @spec RFC 5626 §4.2 */
const mostFlows = 2 ** 31 - 1;
const digits = /^[0-9]+$/;
const brackets = /^<([^]*)>$/;

function takeExpires(parameters: Untaken): number | undefined {
  if (!parameters.has('expires')) return undefined;
  const text = parameters.get('expires') ?? '';
  parameters.delete('expires');
  return digits.test(text) ? Math.min(Number(text), mostSeconds) : 3600;
}

function takeRegId(s: Scanner, parameters: Untaken): number | undefined {
  const regId = takeNumber(s, parameters, 'reg-id', mostFlows + 1);
  if (regId !== undefined && (regId < 1 || regId > mostFlows))
    s.fail('reg-id', `expected a number from 1 to ${mostFlows}`, 'RFC 5626 §4.2');
  return regId;
}

function defined<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // Only members that are undefined go, so those that stay have their types.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

function scanContact(s: Scanner): Contact {
  if (s.separator(code.star)) return '*';
  const address = scanNameAddr(s);
  if (address.parameters.size === 0) return address;
  const parameters = new Map(address.parameters);
  return {
    ...address,
    ...defined({
      q: takeQ(s, parameters),
      expires: takeExpires(parameters),
      instance: takeText(s, parameters, '+sip.instance')?.replace(brackets, '$1'),
      regId: takeRegId(s, parameters),
      pubGruu: takeText(s, parameters, 'pub-gruu'),
      tempGruu: takeText(s, parameters, 'temp-gruu'),
    }),
    parameters,
  };
}

function quoted(name: string, text: string | undefined): string {
  return text === undefined ? '' : `;${name}=${quote(text)}`;
}

function serialiseContact(contact: Contact): string {
  if (contact === '*') return '*';
  return [
    serialiseNameAddr(contact),
    serialiseQ(contact.q),
    parameter('expires', contact.expires),
    quoted('+sip.instance', contact.instance === undefined ? undefined : `<${contact.instance}>`),
    parameter('reg-id', contact.regId),
    quoted('pub-gruu', contact.pubGruu),
    quoted('temp-gruu', contact.tempGruu),
  ].join('');
}

/** Where the sender of the message is reached from now on. @spec RFC 3261 §20.10 */
export const contact: HeaderDefinition<Contact> = list(
  { name: 'Contact', compact: 'm' },
  scanContact,
  serialiseContact,
);
