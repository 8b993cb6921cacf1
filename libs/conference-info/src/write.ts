import type { ByteCodec } from '@parley/prelude';
import { Fault, portableCodec } from '@parley/prelude';
import type { Xml, XmlAttributes } from '@parley/xml';
import { element, textElement, xmlDocument } from '@parley/xml';
import type {
  AvailableMedium,
  ConferenceDescription,
  ConferenceInfo,
  ConferenceState,
  ElementState,
  HostInfo,
  SidebarsByVal,
} from './conference-info.ts';
import { conferenceInfoNamespace, xconNamespace } from './conference-info.ts';
import { uris, users } from './write-user.ts';

function availableMedium({ label, displayText, type, status }: AvailableMedium): Xml {
  const content = [textElement('display-text', displayText), textElement('type', type), textElement('status', status)];
  return element('entry', { label }, content);
}

function availableMedia(media: readonly AvailableMedium[] | undefined): Xml | undefined {
  return media === undefined || media.length === 0
    ? undefined
    : element('available-media', {}, media.map(availableMedium));
}

function description(value: ConferenceDescription | undefined): Xml | undefined {
  if (value === undefined) return undefined;
  return element('conference-description', {}, [
    textElement('display-text', value.displayText),
    textElement('subject', value.subject),
    textElement('free-text', value.freeText),
    textElement('keywords', value.keywords?.join(' ')),
    uris('conf-uris', value.confUris),
    uris('service-uris', value.serviceUris),
    textElement('maximum-user-count', value.maximumUserCount),
    availableMedia(value.availableMedia),
  ]);
}

function hostInfo(value: HostInfo | undefined): Xml | undefined {
  if (value === undefined) return undefined;
  const content = [textElement('display-text', value.displayText), textElement('web-page', value.webPage)];
  return element('host-info', {}, [...content, uris('uris', value.uris)]);
}

function conferenceState(value: ConferenceState | undefined): Xml | undefined {
  if (value === undefined) return undefined;
  return element('conference-state', {}, [
    textElement('user-count', value.userCount),
    textElement('active', value.active),
    textElement('locked', value.locked),
  ]);
}

function sidebarsByVal(value: SidebarsByVal | undefined): Xml | undefined {
  if (value === undefined) return undefined;
  return element(
    'sidebars-by-val',
    { state: value.state },
    value.entries.map((entry) => conference('entry', {}, entry)),
  );
}

/** A conference-type; its children stand in the one order that the schema allows. @spec RFC 4575 §6 */
function conference(tag: string, namespaces: XmlAttributes, info: ConferenceInfo, listed = users(info.users)): Xml {
  const { entity, state, version } = info;
  return element(tag, { ...namespaces, entity, state, version }, [
    description(info.description),
    hostInfo(info.hostInfo),
    conferenceState(info.conferenceState),
    listed,
    uris('sidebars-by-ref', info.sidebarsByRef),
    sidebarsByVal(info.sidebarsByVal),
  ]);
}

const namespaces = { xmlns: conferenceInfoNamespace, 'xmlns:xcon': xconNamespace };

/** What a server must not forget in a document. @spec RFC 4575 §5.2 */
function checkDocument({ state = 'full', version, description: told, users: listed }: ConferenceInfo): void {
  if (version === undefined || !Number.isInteger(version) || version < 0 || version > 0xffffffff) {
    throw new Fault('a conference-info document without a version of 32 bits');
  }
  if (state === 'full' && (told === undefined || listed === undefined)) {
    throw new Fault('a full conference-info document without description or users');
  }
}

/**
 * The document as text.
 *
 * @throws Fault when it has no version, or is full and has no description or users: our bug
 * @spec RFC 4575 §5.2, §6
 */
export function conferenceInfoText(info: ConferenceInfo): Xml {
  checkDocument(info);
  return xmlDocument(conference('conference-info', namespaces, info));
}

/** A document of which only the version and the users are missing; texts, to be put one after the other. */
export interface ConferenceInfoFrame {
  readonly beforeVersion: Xml;
  readonly beforeUsers: Xml;
  readonly afterUsers: Xml;
}

/** Stands for the users: no document holds it, as XML has no way to write it. */
const hole = '\0';
const versionZero = 'version="0"';

/**
 * The frame of documents that differ in their version, or share most of their users: for a notifier that tells many
 * subscribers the same, and writes each user once ({@link userText}).
 *
 * @throws Fault as {@link conferenceInfoText} does
 */
export function conferenceInfoFrame(
  info: Omit<ConferenceInfo, 'version' | 'users'>,
  usersState: ElementState,
): ConferenceInfoFrame {
  const complete = { ...info, version: 0, users: { state: usersState, users: [] } };
  checkDocument(complete);
  const listed = element('users', { state: usersState }, [hole]);
  const text = xmlDocument(conference('conference-info', namespaces, complete, listed));
  // The first: attributes of the root come before all content, and quotes in values are escaped.
  const version = text.indexOf(versionZero) + 'version="'.length;
  const middle = text.indexOf(hole);
  return {
    beforeVersion: text.slice(0, version),
    beforeUsers: text.slice(version + 1, middle),
    afterUsers: text.slice(middle + hole.length),
  };
}

/** Octets of the document, in UTF-8. @throws Fault as {@link conferenceInfoText} does */
export function serialiseConferenceInfo(info: ConferenceInfo, codec: ByteCodec = portableCodec): Uint8Array {
  return codec.encodeUtf8(conferenceInfoText(info));
}
