import type { MimeEntity } from '@parley/mime';
import { encodeText } from '@parley/mime';
import type { CpimAddress } from './address.ts';
import { serialiseCpimAddress } from './address.ts';
import type { DateTime } from './date-time.ts';
import { escapeValue } from './escape.ts';
import type { CpimHead, CpimHeader } from './header.ts';
import type { CpimMessage } from './message.ts';
import type { LocalText } from './parameters.ts';

/** Headers of one namespace other than the core one, with the prefix that the message shall declare for it. */
export interface CpimExtension {
  readonly prefix: string;
  readonly namespace: string;
  /** Local names with values as text, not yet escaped; a name may occur several times. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** What a new message says about itself. */
export interface CpimMetadata {
  readonly from: CpimAddress;
  readonly to: readonly CpimAddress[];
  readonly cc?: readonly CpimAddress[];
  readonly dateTime?: DateTime;
  readonly subjects?: readonly LocalText[];
  readonly extensions?: readonly CpimExtension[];
  /** Prefixed names that the recipient must understand. */
  readonly require?: readonly string[];
}

/** A header from its name and its text, escaped and as UTF-8. @spec RFC 3862 §2.3.1 */
export function cpimTextHeader(name: string, text: string, language?: string): CpimHeader {
  return {
    name,
    parameters: language === undefined ? '' : `;lang=${language}`,
    value: encodeText(escapeValue(text)),
  };
}

function addressHeaders(name: string, addresses: readonly CpimAddress[]): CpimHeader[] {
  return addresses.map((address) => ({ name, parameters: '', value: serialiseCpimAddress(address) }));
}

/** Declarations come before what uses them, as RFC 3862 §3.4 requires. */
function extensionHeaders({ extensions = [], require = [] }: CpimMetadata): CpimHeader[] {
  return [
    ...extensions.map(({ prefix, namespace }) => cpimTextHeader('NS', `${prefix} <${namespace}>`)),
    ...(require.length === 0 ? [] : [cpimTextHeader('Require', require.join(','))]),
    ...extensions.flatMap(({ prefix, headers }) =>
      headers.map(([name, value]) => cpimTextHeader(`${prefix}.${name}`, value)),
    ),
  ];
}

/** The head of a new message, its headers in the order of RFC 3862 §5.1. */
export function createCpimHead(metadata: CpimMetadata): CpimHead {
  const { from, to, cc = [], dateTime, subjects = [] } = metadata;
  return {
    headers: [
      ...addressHeaders('From', [from]),
      ...addressHeaders('To', to),
      ...addressHeaders('cc', cc),
      ...(dateTime === undefined ? [] : [cpimTextHeader('DateTime', dateTime)]),
      ...subjects.map(({ text, language }) => cpimTextHeader('Subject', text, language)),
      ...extensionHeaders(metadata),
    ],
  };
}

/** A new message around `content`, whose Content-Type is mandatory here. @spec RFC 3862 §2.4 */
export function createCpim(
  metadata: CpimMetadata,
  contentType: string,
  body: Uint8Array,
  fields: MimeEntity['fields'] = [],
): CpimMessage {
  return {
    head: createCpimHead(metadata),
    content: { fields: [{ name: 'Content-Type', value: contentType }, ...fields], body },
  };
}
