import type { LocalText } from '@parley/cpim';
import type { Disposition } from './disposition.ts';

/** The payload of a notification. @spec RFC 5438 §11.1 */
export interface Imdn {
  /** Message-ID of the message that it tells about. */
  readonly messageId: string;
  /** When that message was sent, as its sender wrote it; the schema wants it, some clients leave it out. */
  readonly dateTime?: string;
  readonly recipientUri?: string;
  readonly originalRecipientUri?: string;
  readonly subject?: LocalText;
  /** Absent when there is none, which the schema allows, or one that an extension defines. */
  readonly disposition?: Disposition;
  /** Why, for people; an extension. */
  readonly note?: LocalText;
}

/** A payload that may be written: with all that the schema or the prose demands. */
export type WritableImdn = Imdn & Required<Pick<Imdn, 'dateTime' | 'disposition'>>;

/** Media type of the payload. @spec RFC 5438 §11.1.8 */
export const imdnType = 'message/imdn+xml';

/** Namespace of the elements of the payload. @spec RFC 5438 §11.1 */
export const imdnXmlNamespace = 'urn:ietf:params:xml:ns:imdn';

/** Namespace of `<note>`: the schema admits more elements only in namespaces other than its own. @spec RFC 5438 §11.1.9 */
export const noteNamespace = 'urn:parley:params:xml:ns:imdn-note';

/** Namespace of the `<reason>` that liblinphone puts beside a status. */
export const linphoneNamespace = 'http://www.linphone.org/xsds/imdn.xsd';
