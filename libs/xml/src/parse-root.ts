import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { err, parseError, portableCodec } from '@parley/prelude';
import type { XmlElement } from './element.ts';
import type { XmlLimits } from './limits.ts';
import { defaultXmlLimits } from './limits.ts';
import { parseXml } from './parse.ts';

/** The root that documents of a format have, and the clause that says so. */
export interface XmlRoot {
  readonly namespace: string;
  /** Local name. */
  readonly name: string;
  /** E.g. `RFC 5438 §11.1`. */
  readonly section: string;
}

/** Reads a document of one format as {@link parseXml} does. @returns an error for another root, too */
export function parseXmlRoot(
  bytes: Uint8Array,
  { namespace, name, section }: XmlRoot,
  codec: ByteCodec = portableCodec,
  limits: XmlLimits = defaultXmlLimits,
): Result<XmlElement, ParseError> {
  const root = parseXml(bytes, codec, limits);
  if (!root.ok || (root.value.name === name && root.value.namespace === namespace)) return root;
  return err(parseError(name, 0, section, `expected the root element ${name} of ${namespace}`));
}
