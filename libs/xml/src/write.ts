import type { ByteCodec } from '@parley/prelude';
import { Fault, portableCodec } from '@parley/prelude';

/** Attributes in the order in which they are written; those without a value are left out. */
export type XmlAttributes = Readonly<Record<string, string | number | undefined>>;

/** XML that is already escaped. */
export type Xml = string;

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** What XML 1.0 has no way to write: most control characters, U+FFFE, U+FFFF and lone surrogates. */
const notCharacters =
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Text as content or as the value of an attribute in double quotes; white space other than SPACE is kept by reference.
 * What XML cannot hold becomes U+FFFD.
 */
export function escapeXml(text: string): Xml {
  return text
    .replace(notCharacters, '\ufffd')
    .replace(/[&<>"\t\n\r]/g, (character) => references[character] ?? character);
}

const name = /^[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?$/;

/**
 * An element with the given content, the absent parts of which are left out; an empty-element tag when none is left.
 *
 * @throws Fault when a name is none that is written here
 */
export function element(tag: string, attributes: XmlAttributes, content: readonly (Xml | undefined)[]): Xml {
  if (!name.test(tag)) throw new Fault('an element name that is no XML name');
  let start = `<${tag}`;
  for (const [attribute, value] of Object.entries(attributes)) {
    if (!name.test(attribute)) throw new Fault('an attribute name that is no XML name');
    if (value !== undefined) start += ` ${attribute}="${escapeXml(String(value))}"`;
  }
  const inner = content.join('');
  return inner === '' ? `${start}/>` : `${start}>${inner}</${tag}>`;
}

/** An element that holds text only; nothing when there is no text to hold. */
export function textElement(
  tag: string,
  text: string | number | boolean | undefined,
  attributes: XmlAttributes = {},
): Xml | undefined {
  return text === undefined ? undefined : element(tag, attributes, [escapeXml(String(text))]);
}

/** A document with its XML declaration; the root declares the namespaces. */
export function xmlDocument(root: Xml): Xml {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

/** Octets of {@link xmlDocument}. */
export function serialiseXml(root: Xml, codec: ByteCodec = portableCodec): Uint8Array {
  return codec.encodeUtf8(xmlDocument(root));
}
