import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError, portableCodec } from '@parley/prelude';
import type { XmlElement, XmlLimits } from '@parley/xml';
import { attributeOf, childOf, childrenOf, childText, defaultXmlLimits, parseXmlRoot } from '@parley/xml';
import type {
  AvailableMedium,
  ConferenceDescription,
  ConferenceInfo,
  ConferenceState,
  HostInfo,
  SidebarsByVal,
} from './conference-info.ts';
import { conferenceInfoNamespace } from './conference-info.ts';
import { present } from './present.ts';
import { mediaStatusOf, readUris, readUsers, stateOf, wordsOf } from './read-user.ts';

/** An xs:unsignedInt; undefined for anything else. */
function unsignedInt(text: string | undefined): number | undefined {
  const value = /^[ \t\r\n]*\d{1,10}[ \t\r\n]*$/.test(text ?? '') ? Number(text) : NaN;
  return value <= 0xffffffff ? value : undefined;
}

/** An xs:boolean; undefined for anything else. */
function boolean(text: string | undefined): boolean | undefined {
  const word = text?.trim();
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : undefined;
}

function medium(element: XmlElement): AvailableMedium {
  return present({
    label: attributeOf(element, 'label') ?? '',
    displayText: childText(element, 'display-text'),
    type: childText(element, 'type') ?? '',
    status: mediaStatusOf(element),
  });
}

function description(element: XmlElement | undefined): ConferenceDescription | undefined {
  if (element === undefined) return undefined;
  const media = childOf(element, 'available-media');
  return present({
    displayText: childText(element, 'display-text'),
    subject: childText(element, 'subject'),
    freeText: childText(element, 'free-text'),
    keywords: wordsOf(childText(element, 'keywords')),
    confUris: readUris(childOf(element, 'conf-uris')),
    serviceUris: readUris(childOf(element, 'service-uris')),
    maximumUserCount: unsignedInt(childText(element, 'maximum-user-count')),
    availableMedia: media && childrenOf(media, 'entry').map(medium),
  });
}

function hostInfo(element: XmlElement | undefined): HostInfo | undefined {
  if (element === undefined) return undefined;
  const displayText = childText(element, 'display-text');
  return present({ displayText, webPage: childText(element, 'web-page'), uris: readUris(childOf(element, 'uris')) });
}

function conferenceState(element: XmlElement | undefined): ConferenceState | undefined {
  if (element === undefined) return undefined;
  return present({
    userCount: unsignedInt(childText(element, 'user-count')),
    active: boolean(childText(element, 'active')),
    locked: boolean(childText(element, 'locked')),
  });
}

function sidebarsByVal(element: XmlElement | undefined): SidebarsByVal | undefined {
  return element && present({ state: stateOf(element), entries: childrenOf(element, 'entry').map(conference) });
}

function conference(element: XmlElement): ConferenceInfo {
  return present({
    entity: attributeOf(element, 'entity') ?? '',
    state: stateOf(element),
    version: unsignedInt(attributeOf(element, 'version')),
    description: description(childOf(element, 'conference-description')),
    hostInfo: hostInfo(childOf(element, 'host-info')),
    conferenceState: conferenceState(childOf(element, 'conference-state')),
    users: readUsers(childOf(element, 'users')),
    sidebarsByRef: readUris(childOf(element, 'sidebars-by-ref')),
    sidebarsByVal: sidebarsByVal(childOf(element, 'sidebars-by-val')),
  });
}

/** Limits that fit a room of some thousand participants, of whom one takes about 200 octets and 8 elements. */
export const conferenceInfoLimits: XmlLimits = { ...defaultXmlLimits, maxOctets: 1_048_576, maxElements: 65_536 };

const section = 'RFC 4575 §5.2';

function checked(root: XmlElement): Result<ConferenceInfo, ParseError> {
  const refuse = (message: string) => err(parseError('conference-info', 0, section, message));
  const info = conference(root);
  if (info.entity === '') return refuse('expected the URI of the conference as entity');
  return info.version === undefined ? refuse('expected a version of 32 bits') : ok(info);
}

/**
 * Reads a document. Elements of other namespaces and unknown values of enumerations are passed over, as an extensible
 * schema asks for.
 *
 * @returns an error when it is no XML, when the root is another one, or lacks its entity or version
 * @spec RFC 4575 §5.2, §6
 */
export function readConferenceInfo(
  bytes: Uint8Array,
  codec: ByteCodec = portableCodec,
  limits: XmlLimits = conferenceInfoLimits,
): Result<ConferenceInfo, ParseError> {
  const format = { namespace: conferenceInfoNamespace, name: 'conference-info', section };
  const root = parseXmlRoot(bytes, format, codec, limits);
  return root.ok ? checked(root.value) : root;
}
