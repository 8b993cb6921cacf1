import type { LocalText } from '@parley/cpim';
import type { ByteCodec } from '@parley/prelude';
import { portableCodec } from '@parley/prelude';
import type { Xml, XmlAttributes } from '@parley/xml';
import { element, serialiseXml, textElement } from '@parley/xml';
import type { Disposition } from './disposition.ts';
import type { WritableImdn } from './imdn.ts';
import { imdnXmlNamespace, noteNamespace } from './imdn.ts';

function localText(tag: string, local: LocalText | undefined, attributes: XmlAttributes = {}): Xml | undefined {
  return local && textElement(tag, local.text, { ...attributes, 'xml:lang': local.language });
}

function notification({ type, status }: Disposition): Xml {
  return element(`${type}-notification`, {}, [element('status', {}, [element(status, {}, [])])]);
}

/**
 * Octets of a payload, its elements in the order of the schema; the note is an extension and comes last.
 *
 * @spec RFC 5438 §11.1.9
 */
export function serialiseImdn(imdn: WritableImdn, codec: ByteCodec = portableCodec): Uint8Array {
  const content = [
    textElement('message-id', imdn.messageId),
    textElement('datetime', imdn.dateTime),
    textElement('recipient-uri', imdn.recipientUri),
    textElement('original-recipient-uri', imdn.originalRecipientUri),
    localText('subject', imdn.subject),
    notification(imdn.disposition),
    localText('note', imdn.note, { xmlns: noteNamespace }),
  ];
  return serialiseXml(element('imdn', { xmlns: imdnXmlNamespace }, content), codec);
}
