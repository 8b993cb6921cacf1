import { code } from '../grammar/characters.ts';
import type { Parameters } from '../grammar/parameters.ts';
import { scanParameters, serialiseParameters } from '../grammar/parameters.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { list } from './define.ts';

/** Features of a device that the caller wants or does not want. @spec RFC 3841 §9.2 */
export interface ContactPreference {
  /** Feature tags, and `require` and `explicit`. */
  readonly parameters: Parameters;
}

function scanPreference(s: Scanner): ContactPreference {
  if (!s.separator(code.star)) s.fail('ac-value', 'expected *', 'RFC 3841 §9.2');
  return { parameters: scanParameters(s) };
}

function serialisePreference(value: ContactPreference): string {
  return `*${serialiseParameters(value.parameters)}`;
}

/** Devices the request is for. @spec RFC 3841 §9.2 */
export const acceptContact: HeaderDefinition<ContactPreference> = list(
  { name: 'Accept-Contact', compact: 'a' },
  scanPreference,
  serialisePreference,
);

/** Devices the request is not for. @spec RFC 3841 §9.3 */
export const rejectContact: HeaderDefinition<ContactPreference> = list(
  { name: 'Reject-Contact', compact: 'j' },
  scanPreference,
  serialisePreference,
);
