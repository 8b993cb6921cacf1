import { code, isToken, octetClass, skipWhile } from '../grammar/characters.ts';
import type { NameAddr } from '../grammar/name-addr.ts';
import { scanAddress, scanNameAddr, serialiseNameAddr } from '../grammar/name-addr.ts';
import { addParameter, failTwice, nextParameter, noParameters, scanOptionalValue } from '../grammar/parameters.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { plainSipUri } from '../uri/plain-sip-uri.ts';
import { list, single } from './define.ts';
import { parameter } from './take.ts';

/** One end of a dialog. @spec RFC 3261 §20.20, §20.39 */
export interface DialogParty extends NameAddr {
  /** Absent in the To of a request outside of a dialog. */
  readonly tag?: string | undefined;
}

/** A party that is being read. */
type Draft = { -readonly [K in keyof DialogParty]: DialogParty[K] };

function scanParty(s: Scanner): DialogParty {
  const { displayName, uri } = scanAddress(s);
  const party: Draft = { displayName, uri, parameters: noParameters, tag: undefined };
  let others: Map<string, string | undefined> | undefined;
  for (let name = nextParameter(s); name !== undefined; name = nextParameter(s)) {
    if (name !== 'tag') others = addParameter(s, others, name);
    else {
      if (party.tag !== undefined) failTwice(s);
      party.tag = scanOptionalValue(s) ?? '';
      if (!isToken(party.tag)) s.fail('tag-param', 'expected a token');
    }
  }
  if (others !== undefined) party.parameters = others;
  return party;
}

/** `<sip:user@host>`, and a tag or none. @spec RFC 3261 §25.1 (from-spec, without a display name) */
function plainParty(text: string, start: number, end: number): DialogParty | undefined {
  const open = skipWhile(text, start, octetClass.blank);
  const close = text.charCodeAt(open) === code.less ? text.indexOf('>', open) : -1;
  const uri = close === -1 || close >= end ? undefined : plainSipUri(text, open + 1, close);
  if (uri === undefined) return undefined;
  if (close + 1 === end) return { displayName: undefined, uri, parameters: noParameters, tag: undefined };
  const tagStart = close + 1 + tagMark.length;
  if (!text.startsWith(tagMark, close + 1) || tagStart >= end) return undefined;
  if (skipWhile(text, tagStart, octetClass.token) !== end) return undefined;
  return { displayName: undefined, uri, parameters: noParameters, tag: text.slice(tagStart, end) };
}

const tagMark = ';tag=';

function serialiseParty(party: DialogParty): string {
  return serialiseNameAddr(party) + parameter('tag', party.tag);
}

const plainAddress = (s: Scanner): NameAddr => scanNameAddr(s);

/** Initiator of the request. @spec RFC 3261 §20.20 */
export const from: HeaderDefinition<DialogParty> = single(
  { name: 'From', compact: 'f' },
  scanParty,
  serialiseParty,
  plainParty,
);

/** Logical recipient of the request. @spec RFC 3261 §20.39 */
export const to: HeaderDefinition<DialogParty> = single(
  { name: 'To', compact: 't' },
  scanParty,
  serialiseParty,
  plainParty,
);

/** Where the sender wants to be reached instead of From. @spec RFC 3261 §20.31 */
export const replyTo: HeaderDefinition<NameAddr> = single('Reply-To', plainAddress, serialiseNameAddr);

/** What to contact. @spec RFC 3515 §2.1 */
export const referTo: HeaderDefinition<NameAddr> = single(
  { name: 'Refer-To', compact: 'r' },
  plainAddress,
  serialiseNameAddr,
);

/** Who asked for the reference. @spec RFC 3892 §3 */
export const referredBy: HeaderDefinition<NameAddr> = single(
  { name: 'Referred-By', compact: 'b' },
  plainAddress,
  serialiseNameAddr,
);

/** Identity that a trusted element vouches for; one sip or sips URI, and perhaps a tel URI. @spec RFC 3325 §9.1 */
export const pAssertedIdentity: HeaderDefinition<NameAddr> = list(
  'P-Asserted-Identity',
  plainAddress,
  serialiseNameAddr,
);

/** Identity that the user wants vouched for. @spec RFC 3325 §9.2 */
export const pPreferredIdentity: HeaderDefinition<NameAddr> = list(
  'P-Preferred-Identity',
  plainAddress,
  serialiseNameAddr,
);

/** Further addresses of a registered user. @spec RFC 7315 §4.1 */
export const pAssociatedUri: HeaderDefinition<NameAddr> = list(
  { name: 'P-Associated-URI', mayBeEmpty: true },
  plainAddress,
  serialiseNameAddr,
);

/** URI lists that a URI-list server does not serve. @spec RFC 5318 §5 */
export const pRefusedUriList: HeaderDefinition<NameAddr> = list('P-Refused-URI-List', plainAddress, serialiseNameAddr);

/** Recipients whose consent is missing (470). @spec RFC 5360 §5.9.3 */
export const permissionMissing: HeaderDefinition<NameAddr> = list(
  'Permission-Missing',
  plainAddress,
  serialiseNameAddr,
);

/** Targets that the request had before. @spec RFC 7044 §5 */
export const historyInfo: HeaderDefinition<NameAddr> = list('History-Info', plainAddress, serialiseNameAddr);
