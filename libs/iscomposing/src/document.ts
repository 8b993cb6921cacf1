import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError, portableCodec } from '@parley/prelude';
import type { XmlElement, XmlLimits } from '@parley/xml';
import { childText, defaultXmlLimits, element, parseXmlRoot, serialiseXml, textElement } from '@parley/xml';
import type { IsComposing } from './is-composing.ts';
import { isComposingNamespace } from './is-composing.ts';

/** Four children of a few words each; what is larger is no status message. */
export const isComposingLimits: XmlLimits = { ...defaultXmlLimits, maxOctets: 8192, maxDepth: 8, maxElements: 64 };

const section = 'RFC 3994 §6.1';
const xsDateTime = /^-?\d{4,9}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,18})?(?:Z|[+-]\d\d:\d\d)?$/;
const positiveInteger = /^\+?0*[1-9]\d{0,8}$/;

/** The value of a child, when it is of the type that the schema wants; what is not counts as absent. */
function valueOf(root: XmlElement, name: string, grammar: RegExp): string | undefined {
  const value = childText(root, name)?.trim();
  return value !== undefined && grammar.test(value) ? value : undefined;
}

/**
 * Reads a status message. A state that nobody knows is `idle`, and elements of other namespaces are passed over, as §3.5
 * demands.
 *
 * @returns an error when it is no XML, has another root, or no state
 * @spec RFC 3994 §6
 */
export function readIsComposing(
  bytes: Uint8Array,
  codec: ByteCodec = portableCodec,
  limits: XmlLimits = isComposingLimits,
): Result<IsComposing, ParseError> {
  const parsed = parseXmlRoot(bytes, { namespace: isComposingNamespace, name: 'isComposing', section }, codec, limits);
  if (!parsed.ok) return parsed;
  const root = parsed.value;
  const state = childText(root, 'state')?.trim();
  if (state === undefined) return err(parseError('state', 0, section, 'expected a state'));
  const lastActive = valueOf(root, 'lastactive', xsDateTime);
  const contentType = valueOf(root, 'contenttype', /./);
  const refresh = valueOf(root, 'refresh', positiveInteger);
  return ok({
    state: state === 'active' ? 'active' : 'idle',
    ...(lastActive === undefined ? {} : { lastActive }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(refresh === undefined ? {} : { refresh: Number(refresh) }),
  });
}

/** Octets of a status message, its elements in the order of the schema. @spec RFC 3994 §6.1 */
export function serialiseIsComposing(message: IsComposing, codec: ByteCodec = portableCodec): Uint8Array {
  const content = [
    textElement('state', message.state),
    textElement('lastactive', message.lastActive),
    textElement('contenttype', message.contentType),
    textElement('refresh', message.refresh),
  ];
  return serialiseXml(element('isComposing', { xmlns: isComposingNamespace }, content), codec);
}
