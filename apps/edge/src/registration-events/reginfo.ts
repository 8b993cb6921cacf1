import type { ContactAddress } from '@parley/sip';
import { parameterText, serialiseUri } from '@parley/sip';
import type { Xml } from '@parley/xml';
import { element, serialiseXml, textElement } from '@parley/xml';

/** Type of the documents of the package. @spec RFC 3680 §5 */
export const reginfoType = 'application/reginfo+xml';

const namespace = 'urn:ietf:params:xml:ns:reginfo';
const gruuNamespace = 'urn:ietf:params:xml:ns:gruuinfo';

/** What brought a contact into its state. @spec RFC 3680 §4.7.1 */
export type ContactEventName = 'registered' | 'refreshed' | 'expired' | 'deactivated' | 'unregistered' | 'rejected';

/** A contact as it is told. @spec RFC 3680 §5.1 */
export interface ContactInfo {
  /** The same for one binding in all documents. */
  readonly id: string;
  readonly event: ContactEventName;
  /** What it was registered with; told under the names that RFC 3680 has, else as unknown-param. */
  readonly contact: ContactAddress;
  readonly callId: string;
  readonly cSeq: number;
  /** Seconds since it was first registered. */
  readonly duration: number;
  /** Seconds left; undefined for one that is no more. */
  readonly expires: number | undefined;
  readonly pubGruu?: string | undefined;
  /** With the CSeq number of the REGISTER that began its series. @spec RFC 5628 §5.2 */
  readonly tempGruu?: { readonly uri: string; readonly firstCSeq: number } | undefined;
}

/** One document. */
export interface RegistrationInfo {
  readonly version: number;
  readonly state: 'full' | 'partial';
  readonly aor: string;
  readonly registration: 'init' | 'active' | 'terminated';
  readonly contacts: readonly ContactInfo[];
}

/** Octets of a document. @spec RFC 3680 §5.4, RFC 5628 §5 */
export function reginfoDocument({ version, state, aor, registration, contacts }: RegistrationInfo): Uint8Array {
  const content = element('registration', { aor, id: 'r', state: registration }, contacts.map(contactElement));
  return serialiseXml(element('reginfo', { xmlns: namespace, 'xmlns:gr': gruuNamespace, version, state }, [content]));
}

const activeEvents: ReadonlySet<ContactEventName> = new Set(['registered', 'refreshed']);

function contactElement(info: ContactInfo): Xml {
  const { id, event, contact, callId, cSeq, duration, expires, pubGruu, tempGruu } = info;
  const attributes = {
    id,
    state: activeEvents.has(event) ? 'active' : 'terminated',
    event,
    'duration-registered': duration,
    expires,
    q: contact.q,
    callid: callId,
    cseq: cSeq,
  };
  return element('contact', attributes, [
    textElement('uri', serialiseUri(contact.uri)),
    textElement('display-name', contact.displayName),
    ...unknownParameters(contact),
    pubGruu === undefined ? undefined : element('gr:pub-gruu', { uri: pubGruu }, []),
    tempGruu && element('gr:temp-gruu', { uri: tempGruu.uri, 'first-cseq': tempGruu.firstCSeq }, []),
  ]);
}

/** Parameters that RFC 3261 does not have, with what stands between their quotes. @spec RFC 3680 §5.1 */
function unknownParameters({ parameters, instance, regId }: ContactAddress): readonly (Xml | undefined)[] {
  const unknown = (name: string, value: string): Xml | undefined => textElement('unknown-param', value, { name });
  return [
    ...[...parameters.keys()].map((name) => unknown(name, parameterText(parameters, name) ?? '')),
    instance === undefined ? undefined : unknown('+sip.instance', `<${instance}>`),
    regId === undefined ? undefined : unknown('reg-id', String(regId)),
  ];
}
