import type { LocalText } from '@parley/cpim';
import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError, portableCodec } from '@parley/prelude';
import type { XmlElement, XmlLimits } from '@parley/xml';
import {
  attributeOf,
  childOf,
  childText,
  defaultXmlLimits,
  elementsOf,
  parseXmlRoot,
  textOf,
  xmlNamespace,
} from '@parley/xml';
import type { Disposition } from './disposition.ts';
import { dispositionOf } from './disposition.ts';
import type { Imdn } from './imdn.ts';
import { imdnXmlNamespace, linphoneNamespace, noteNamespace } from './imdn.ts';

const section = 'RFC 5438 §11.1';

function refuse(message: string) {
  return err(parseError('imdn', 0, section, message));
}

/** Text without the white space around it; undefined when nothing is left. */
function valueOf(root: XmlElement, name: string): string | undefined {
  const text = childText(root, name)?.trim();
  return text === '' ? undefined : text;
}

/** Text with the language that it is in, which the elements around it may say. */
function localText(element: XmlElement | undefined, root: XmlElement): LocalText | undefined {
  if (element === undefined) return undefined;
  const text = textOf(element).trim();
  const language = attributeOf(element, 'lang', xmlNamespace) ?? attributeOf(root, 'lang', xmlNamespace);
  return language === undefined ? { text } : { text, language };
}

/** The elements that report a disposition: `<delivery-notification>` and its like. */
function notificationsOf(root: XmlElement): readonly XmlElement[] {
  return elementsOf(root).filter(
    ({ name, namespace }) =>
      namespace === imdnXmlNamespace && /^(delivery|processing|display)-notification$/.test(name),
  );
}

/** The first status that the schema knows; beside it may stand what extensions define. @spec RFC 5438 §11.1.7 */
function dispositionIn(notification: XmlElement): Disposition | undefined {
  const status = childOf(notification, 'status');
  const type = notification.name.replace(/-notification$/, '');
  for (const element of status === undefined ? [] : elementsOf(status)) {
    const disposition = element.namespace === imdnXmlNamespace ? dispositionOf(type, element.name) : undefined;
    if (disposition !== undefined) return disposition;
  }
  return undefined;
}

/** Ours, the one that drafts of the RFC had, or what liblinphone says beside the status. */
function noteOf(root: XmlElement, notification: XmlElement | undefined): LocalText | undefined {
  const status = notification && childOf(notification, 'status');
  const isNote = ({ name, namespace }: XmlElement) =>
    (name === 'note' && (namespace === noteNamespace || namespace === imdnXmlNamespace)) ||
    (name === 'reason' && namespace === linphoneNamespace);
  const candidates = [...elementsOf(root), ...(status === undefined ? [] : elementsOf(status))];
  return localText(candidates.find(isNote), root);
}

/** All that is optional, in the order of the schema. */
function optional(root: XmlElement, notification: XmlElement | undefined): Omit<Imdn, 'messageId'> {
  const dateTime = valueOf(root, 'datetime');
  const recipientUri = valueOf(root, 'recipient-uri');
  const originalRecipientUri = valueOf(root, 'original-recipient-uri');
  const subject = localText(childOf(root, 'subject'), root);
  const disposition = notification && dispositionIn(notification);
  const note = noteOf(root, notification);
  return {
    ...(dateTime === undefined ? {} : { dateTime }),
    ...(recipientUri === undefined ? {} : { recipientUri }),
    ...(originalRecipientUri === undefined ? {} : { originalRecipientUri }),
    ...(subject === undefined ? {} : { subject }),
    ...(disposition === undefined ? {} : { disposition }),
    ...(note === undefined ? {} : { note }),
  };
}

/**
 * Reads a payload. Elements of other namespaces are passed over.
 *
 * @deviation `datetime` may be missing, and a Message-ID may hold characters that no Token has: a bare notification of
 * liblinphone names a message by its Call-ID.
 * @returns an error for what is no XML, has another root, lacks a message-id, or reports two dispositions
 * @spec RFC 5438 §11.1
 */
export function readImdn(
  bytes: Uint8Array,
  codec: ByteCodec = portableCodec,
  limits: XmlLimits = defaultXmlLimits,
): Result<Imdn, ParseError> {
  const parsed = parseXmlRoot(bytes, { namespace: imdnXmlNamespace, name: 'imdn', section }, codec, limits);
  if (!parsed.ok) return parsed;
  const root = parsed.value;
  const messageId = valueOf(root, 'message-id');
  if (messageId === undefined || /\s/.test(messageId)) return refuse('expected a message-id without white space');
  const [notification, second] = notificationsOf(root);
  if (second !== undefined) return refuse('expected one disposition, got two');
  return ok({ messageId, ...optional(root, notification) });
}
