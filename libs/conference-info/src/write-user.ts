import type { Xml } from '@parley/xml';
import { element, textElement } from '@parley/xml';
import type {
  Endpoint,
  EndpointMedia,
  Execution,
  SipDialogId,
  UriEntry,
  Uris,
  User,
  Users,
} from './conference-info.ts';

/** An execution-type under the name that it has at its place. */
export function execution(tag: string, value: Execution | undefined): Xml | undefined {
  if (value === undefined) return undefined;
  const { when, reason, by } = value;
  return element(tag, {}, [textElement('when', when), textElement('reason', reason), textElement('by', by)]);
}

function uriEntry({ uri, displayText, purpose, modified }: UriEntry): Xml {
  return element('entry', {}, [
    textElement('uri', uri),
    textElement('display-text', displayText),
    textElement('purpose', purpose),
    execution('modified', modified),
  ]);
}

/** A uris-type; nothing without entries, since the schema wants one at least. */
export function uris(tag: string, value: Uris | undefined): Xml | undefined {
  if (value === undefined || value.entries.length === 0) return undefined;
  return element(tag, { state: value.state }, value.entries.map(uriEntry));
}

function media({ id, displayText, type, label, srcId, status }: EndpointMedia): Xml {
  return element('media', { id }, [
    textElement('display-text', displayText),
    textElement('type', type),
    textElement('label', label),
    textElement('src-id', srcId),
    textElement('status', status),
  ]);
}

function callInfo(sip: SipDialogId | undefined): Xml | undefined {
  if (sip === undefined) return undefined;
  const dialog = element('sip', {}, [
    textElement('display-text', sip.displayText),
    textElement('call-id', sip.callId),
    textElement('from-tag', sip.fromTag),
    textElement('to-tag', sip.toTag),
  ]);
  return element('call-info', {}, [dialog]);
}

function endpoint(value: Endpoint): Xml {
  return element('endpoint', { entity: value.entity, state: value.state }, [
    textElement('display-text', value.displayText),
    execution('referred', value.referred),
    textElement('status', value.status),
    textElement('joining-method', value.joiningMethod),
    execution('joining-info', value.joiningInfo),
    textElement('disconnection-method', value.disconnectionMethod),
    execution('disconnection-info', value.disconnectionInfo),
    ...(value.media ?? []).map(media),
    callInfo(value.callInfo),
  ]);
}

function roles(value: readonly string[] | undefined): Xml | undefined {
  if (value === undefined || value.length === 0) return undefined;
  return element(
    'roles',
    {},
    value.map((role) => textElement('entry', role)),
  );
}

/** A user element; with a nickname it needs the `xcon` prefix declared around it, as a document does. */
export function userText(value: User): Xml {
  const attributes = { entity: value.entity, state: value.state, 'xcon:nickname': value.nickname };
  return element('user', attributes, [
    textElement('display-text', value.displayText),
    uris('associated-aors', value.associatedAors),
    roles(value.roles),
    textElement('languages', value.languages?.join(' ')),
    textElement('cascaded-focus', value.cascadedFocus),
    ...(value.endpoints ?? []).map(endpoint),
  ]);
}

/** The users element, written even when empty: a full document must have it. @spec RFC 4575 §5.2 */
export function users(value: Users | undefined): Xml | undefined {
  return value && element('users', { state: value.state }, value.users.map(userText));
}
