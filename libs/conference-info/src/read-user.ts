import type { XmlElement } from '@parley/xml';
import { attributeOf, childOf, childrenOf, childText, textOf } from '@parley/xml';
import type {
  ElementState,
  Endpoint,
  EndpointMedia,
  EndpointStatus,
  Execution,
  MediaStatus,
  SipDialogId,
  UriEntry,
  Uris,
  User,
  Users,
} from './conference-info.ts';
import { xconNamespace } from './conference-info.ts';
import { present } from './present.ts';

const states: readonly ElementState[] = ['full', 'partial', 'deleted'];
const mediaStatuses: readonly MediaStatus[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];
const joiningMethods = ['dialed-in', 'dialed-out', 'focus-owner'] as const;
const disconnectionMethods = ['departed', 'booted', 'failed', 'busy'] as const;
const endpointStatuses: readonly EndpointStatus[] = [
  ...(['pending', 'dialing-out', 'dialing-in', 'alerting', 'on-hold', 'connected'] as const),
  ...(['muted-via-focus', 'disconnecting', 'disconnected'] as const),
];

/** The value, where it is one of an enumeration; what nobody knows counts as absent. */
function oneOf<T extends string>(values: readonly T[], text: string | undefined): T | undefined {
  return values.find((value) => value === text?.trim());
}

/** The `state` attribute of an element. */
export function stateOf(element: XmlElement): ElementState | undefined {
  return oneOf(states, attributeOf(element, 'state'));
}

/** The media-status-type of a child. */
export function mediaStatusOf(element: XmlElement): MediaStatus | undefined {
  return oneOf(mediaStatuses, childText(element, 'status'));
}

/** Words of an xs:list. */
export function wordsOf(text: string | undefined): readonly string[] | undefined {
  return text?.split(/[ \t\r\n]+/).filter((word) => word !== '');
}

function execution(element: XmlElement | undefined): Execution | undefined {
  if (element === undefined) return undefined;
  const [when, reason, by] = ['when', 'reason', 'by'].map((name) => childText(element, name));
  return present({ when, reason, by });
}

function uriEntry(element: XmlElement): UriEntry {
  return present({
    uri: childText(element, 'uri')?.trim() ?? '',
    displayText: childText(element, 'display-text'),
    purpose: childText(element, 'purpose'),
    modified: execution(childOf(element, 'modified')),
  });
}

/** A uris-type. */
export function readUris(element: XmlElement | undefined): Uris | undefined {
  return element && present({ state: stateOf(element), entries: childrenOf(element, 'entry').map(uriEntry) });
}

function media(element: XmlElement): EndpointMedia {
  return present({
    id: attributeOf(element, 'id') ?? '',
    displayText: childText(element, 'display-text'),
    type: childText(element, 'type'),
    label: childText(element, 'label'),
    srcId: childText(element, 'src-id'),
    status: mediaStatusOf(element),
  });
}

function dialogId(callInfo: XmlElement | undefined): SipDialogId | undefined {
  const sip = callInfo && childOf(callInfo, 'sip');
  if (sip === undefined) return undefined;
  return present({
    displayText: childText(sip, 'display-text'),
    callId: childText(sip, 'call-id') ?? '',
    fromTag: childText(sip, 'from-tag') ?? '',
    toTag: childText(sip, 'to-tag') ?? '',
  });
}

function some<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values;
}

function endpoint(element: XmlElement): Endpoint {
  return present({
    entity: attributeOf(element, 'entity'),
    state: stateOf(element),
    displayText: childText(element, 'display-text'),
    referred: execution(childOf(element, 'referred')),
    status: oneOf(endpointStatuses, childText(element, 'status')),
    joiningMethod: oneOf(joiningMethods, childText(element, 'joining-method')),
    joiningInfo: execution(childOf(element, 'joining-info')),
    disconnectionMethod: oneOf(disconnectionMethods, childText(element, 'disconnection-method')),
    disconnectionInfo: execution(childOf(element, 'disconnection-info')),
    media: some(childrenOf(element, 'media').map(media)),
    callInfo: dialogId(childOf(element, 'call-info')),
  });
}

function user(element: XmlElement): User {
  const roles = childOf(element, 'roles');
  return present({
    entity: attributeOf(element, 'entity'),
    state: stateOf(element),
    nickname: attributeOf(element, 'nickname', xconNamespace),
    displayText: childText(element, 'display-text'),
    associatedAors: readUris(childOf(element, 'associated-aors')),
    roles: roles && childrenOf(roles, 'entry').map(textOf),
    languages: wordsOf(childText(element, 'languages')),
    cascadedFocus: childText(element, 'cascaded-focus'),
    endpoints: some(childrenOf(element, 'endpoint').map(endpoint)),
  });
}

/** The users element. @spec RFC 4575 §5.6 */
export function readUsers(element: XmlElement | undefined): Users | undefined {
  return element && present({ state: stateOf(element), users: childrenOf(element, 'user').map(user) });
}
