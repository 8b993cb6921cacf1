import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError, portableCodec } from '@parley/prelude';
import { SaxesParser } from 'saxes';
import type { DecodedXml } from './decode.ts';
import { decodeXml, mayDeclare } from './decode.ts';
import type { XmlElement } from './element.ts';
import type { XmlLimits } from './limits.ts';
import { defaultXmlLimits } from './limits.ts';
import type { Parser } from './tree.ts';
import { growTree } from './tree.ts';

/**
 * A parser that throws at the first error: nobody hears its errors, and what it tells behind one is not to be trusted.
 * What calls itself XML 1.1 is read as 1.0, as XML 1.0 §2.8 has it.
 */
function strictParser({ encoding }: DecodedXml): Parser {
  const parser: Parser = new SaxesParser({
    xmlns: true,
    position: false,
    defaultXMLVersion: '1.0',
    forceXMLVersion: true,
  });
  parser.on('doctype', () => parser.fail('a document type declaration, which none of these documents may have'));
  parser.on('xmldecl', ({ encoding: declared }) => {
    if (declared !== undefined && !mayDeclare(encoding, declared))
      parser.fail('an encoding that its octets are not in');
  });
  return parser;
}

/** What went wrong, without what the peer wrote: the parser puts that behind a colon. */
function reasonOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return `no XML document: ${message.replace(/: [^]*$|\.$/, '')}`;
}

/** Octets in front of the character at `index`; only worked out for an error. */
function octetsBefore({ text, encoding }: DecodedXml, index: number, codec: ByteCodec): number {
  return encoding === 'UTF-16' ? 2 + 2 * index : codec.encodeUtf8(text.slice(0, index)).length;
}

/**
 * Reads one document of XML 1.0 with namespaces, strictly: well-formed or nothing.
 *
 * No document type declarations, therefore no entities but the five that XML has, and nothing is fetched or expanded.
 *
 * @returns the root element; an error for what is not well-formed or exceeds a limit
 * @spec XML 1.0 (fifth edition), Namespaces in XML 1.0 (third edition)
 */
export function parseXml(
  bytes: Uint8Array,
  codec: ByteCodec = portableCodec,
  limits: XmlLimits = defaultXmlLimits,
): Result<XmlElement, ParseError> {
  if (bytes.length > limits.maxOctets) {
    return err(parseError('document', limits.maxOctets, 'XML 1.0 §2.1', 'a document longer than allowed'));
  }
  const decoded = decodeXml(bytes, codec);
  if (!decoded.ok) return decoded;
  const parser = strictParser(decoded.value);
  try {
    return ok(growTree(parser, decoded.value.text, limits));
  } catch (thrown) {
    const offset = octetsBefore(decoded.value, parser.position, codec);
    return err(parseError('document', offset, 'XML 1.0 §2.1', reasonOf(thrown)));
  }
}
