import { encodeUtf8, unwrap } from '@parley/prelude';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { XmlElement } from '../src/index.ts';
import {
  attributeOf,
  childOf,
  childrenOf,
  childText,
  defaultXmlLimits,
  elementsOf,
  parseXml,
  parseXmlRoot,
  textOf,
  xmlNamespace,
} from '../src/index.ts';

const read = (text: string, limits = defaultXmlLimits) => parseXml(encodeUtf8(text), undefined, limits);

function refusal(text: string, limits = defaultXmlLimits): string {
  const result = read(text, limits);
  return result.ok ? `read as ${result.value.name}` : result.error.message;
}

const element = (name: string, children: XmlElement['children'] = [], namespace = ''): XmlElement => ({
  namespace,
  name,
  attributes: [],
  children,
});

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), littleEndian);
  return new Uint8Array(view.buffer);
}

describe('a document (XML 1.0 §2.1)', () => {
  it('is one root element with its elements and text in order', () => {
    expect(unwrap(read('<?xml version="1.0"?>\n<a>one<b/>two<c>three</c></a>\n'))).toEqual(
      element('a', ['one', element('b'), 'two', element('c', ['three'])]),
    );
  });

  it('has no place for comments and processing instructions, and CDATA is text', () => {
    expect(unwrap(read('<!-- x --><a>1<!-- - -->2<?p i?>3<![CDATA[<&]]]]>4</a><?p?>'))).toEqual(
      element('a', ['123<&]]4']),
    );
  });

  it('has the five entities and references to characters, and no others', () => {
    expect(unwrap(read('<a b="&quot;&#9;&apos;">&lt;&amp;&gt;&#x1F600;&#10;</a>'))).toEqual({
      ...element('a', ['<&>\u{1F600}\n']),
      attributes: [{ namespace: '', name: 'b', value: '"\t\'' }],
    });
    expect(refusal('<a>&nbsp;</a>')).toBe('no XML document: undefined entity');
    expect(refusal('<a>&__proto__;</a>')).toBe('no XML document: undefined entity');
    expect(refusal('<a>&#0;</a>')).toContain('malformed character entity');
    expect(refusal('<a>&#xD800;</a>')).toContain('malformed character entity');
  });

  it('has ends of lines as a line feed, and white space in attributes as spaces (§2.11, §3.3.3)', () => {
    const { attributes, children } = unwrap(read('<a b="1\r\n2\t3">\r\n4\r5</a>'));
    expect([attributes[0]?.value, children]).toEqual(['1 2 3', ['\n4\n5']]);
  });

  it('MUST NOT have a document type declaration here, so that nothing can be defined, fetched or expanded', () => {
    for (const dtd of [
      '<!DOCTYPE a>',
      '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
      '<!DOCTYPE a [<!ENTITY l "ha"><!ENTITY m "&l;&l;">]>',
    ]) {
      expect(refusal(`${dtd}<a>&m;</a>`)).toBe(
        'no XML document: a document type declaration, which none of these documents may have',
      );
    }
  });

  it.each([
    ['', 'document must contain a root element'],
    ['text', 'text data outside of root node'],
    ['<a>', 'unclosed tag'],
    ['<a></b>', 'unexpected close tag'],
    ['</a>', 'unmatched closing tag'],
    ['<a/><b/>', 'documents may contain only one root'],
    ['<a/>text', 'text data outside of root node'],
    ['<a b=c/>', 'unquoted attribute value'],
    ['<a b="<"/>', 'disallowed character'],
    ['<a b="1" b="2"/>', 'duplicate attribute'],
    ['<a>]]></a>', 'the string "]]>" is disallowed in char data'],
    ['<a>\u0001</a>', 'disallowed character'],
    ['<a>\ufffe</a>', 'disallowed character'],
    [' <?xml version="1.0"?><a/>', 'an XML declaration must be at the start of the document'],
    ['<a/><', 'unexpected end'],
    ['<a><!-- --- --></a>', 'malformed comment'],
  ])('is refused when not well-formed: %j', (text, message) => {
    expect(refusal(text)).toBe(`no XML document: ${message}`);
  });

  it('is refused with the octet at which it is wrong', () => {
    const result = read('<a>äö</b>');
    expect(result.ok ? undefined : result.error).toMatchObject({ kind: 'ParseError', rule: 'document', offset: 11 });
  });
});

describe('namespaces (Namespaces in XML 1.0)', () => {
  it('are those that prefixes and the default are bound to, however they are called', () => {
    const root = unwrap(read('<p:a xmlns:p="urn:a" xmlns="urn:b" p:x="1" x="2"><b xmlns=""/><c/></p:a>'));
    expect(root).toEqual({
      namespace: 'urn:a',
      name: 'a',
      attributes: [
        { namespace: 'urn:a', name: 'x', value: '1' },
        { namespace: '', name: 'x', value: '2' },
      ],
      children: [element('b'), element('c', [], 'urn:b')],
    });
  });

  it('of the prefix xml needs no declaration (§3)', () => {
    expect(attributeOf(unwrap(read('<a xml:lang="de"/>')), 'lang', xmlNamespace)).toBe('de');
  });

  it.each([
    '<p:a/>',
    '<a p:x="1"/>',
    '<a xmlns:p=""/>',
    '<a xmlns:p="urn:x" xmlns:q="urn:x" p:x="1" q:x="2"/>',
    '<a xmlns:xmlns="urn:x"/>',
    '<xmlns:a/>',
    '<a:b:c xmlns:a="urn:x"/>',
  ])('are refused when not well-formed: %s', (text) => {
    expect(read(text).ok).toBe(false);
  });
});

describe('encodings (XML 1.0 §4.3.3)', () => {
  const text = '<?xml version="1.0" encoding="UTF-16"?><a>€\u{1F600}</a>';

  it('are UTF-8, with or without a byte order mark', () => {
    const root = element('a', ['€']);
    expect(unwrap(read('\ufeff<?xml version="1.0" encoding="utf-8"?><a>€</a>'))).toEqual(root);
    expect(unwrap(read('<?xml version="1.0" encoding="us-ascii"?><a>€</a>'))).toEqual(root);
  });

  it('are UTF-16 behind its byte order mark', () => {
    for (const littleEndian of [true, false]) {
      expect(unwrap(parseXml(utf16(`\ufeff${text}`, littleEndian)))).toEqual(element('a', ['€\u{1F600}']));
    }
  });

  it('are refused when others, or not what they say', () => {
    expect(refusal('<?xml version="1.0" encoding="ISO-8859-1"?><a/>')).toContain(
      'an encoding that its octets are not in',
    );
    expect(refusal(text)).toContain('an encoding that its octets are not in');
    expect(parseXml(Uint8Array.of(0x3c, 0x61, 0x2f, 0xff, 0x3e)).ok).toBe(false);
    expect(parseXml(utf16('\ufeff<a/>', true).subarray(0, 9)).ok).toBe(false);
    expect(parseXml(utf16('\ufeff<a>\ud800</a>', true)).ok).toBe(false);
  });
});

describe('a document of a format', () => {
  const format = { namespace: 'urn:a', name: 'a', section: 'RFC 0000 §1' };
  const readAs = (text: string) => parseXmlRoot(encodeUtf8(text), format);

  it('has the root of the format, or is refused with its clause', () => {
    expect(unwrap(readAs('<p:a xmlns:p="urn:a"/>'))).toEqual(element('a', [], 'urn:a'));
    for (const other of ['<a/>', '<b xmlns="urn:a"/>']) {
      expect(readAs(other)).toMatchObject({ ok: false, error: { rule: 'a', section: 'RFC 0000 §1' } });
    }
    expect(readAs('<a>')).toMatchObject({ ok: false, error: { rule: 'document' } });
  });
});

describe('limits', () => {
  const nested = (depth: number) => `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`;

  it('bound octets, depth, elements, attributes and text, and name themselves', () => {
    const limits = { maxOctets: 100, maxDepth: 3, maxElements: 5, maxAttributes: 2, maxText: 10 };
    expect(read(nested(3), limits).ok).toBe(true);
    expect(refusal(nested(4), limits)).toContain('nested deeper');
    expect(refusal(`<a>${'<b/>'.repeat(5)}</a>`, limits)).toContain('more elements');
    expect(refusal('<a b="" c="" xmlns=""/>', limits)).toContain('more attributes');
    expect(refusal('<a b="01234567890"/>', limits)).toContain('attribute longer');
    expect(refusal('<a>0123456789&amp;</a>', limits)).toContain('text longer');
    expect(refusal('<a><![CDATA[01234567890]]></a>', limits)).toContain('text longer');
    expect(refusal(`<a/>${' '.repeat(97)}`, limits)).toContain('longer than allowed');
  });

  it('keep the hostile from costing more than a glance', () => {
    expect(read('<a>'.repeat(20_000)).ok).toBe(false);
    expect(read(`<a${Array.from({ length: 5000 }, (_, i) => ` b${i}=""`).join('')}/>`).ok).toBe(false);
    expect(read(`<!DOCTYPE a [${'<!ENTITY a "x">'.repeat(4000)}]><a/>`).ok).toBe(false);
  });

  it('let no input throw', () => {
    const tokens = [
      '<',
      '>',
      '/',
      '!',
      '?',
      '&',
      ';',
      '#',
      '"',
      "'",
      '=',
      ' ',
      ':',
      '-',
      '[',
      ']',
      'a',
      'xml',
      'xmlns',
    ];
    const piece = fc.oneof(fc.constantFrom(...tokens, 'CDATA', 'DOCTYPE', '<a>', '</a>'), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(typeof read(pieces.join('')).ok).toBe('boolean');
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(typeof parseXml(bytes).ok).toBe('boolean');
      }),
    );
  });
});

describe('an element', () => {
  const root = unwrap(read('<a xmlns="urn:a" xmlns:o="urn:o" x="1">t<b>1</b><o:b>2</o:b>u<b>3</b></a>'));

  it('gives its children of a name in its own namespace, all of them, and its text', () => {
    expect(childrenOf(root, 'b').map(textOf)).toEqual(['1', '3']);
    expect(elementsOf(root).map(textOf)).toEqual(['1', '2', '3']);
    expect([childText(root, 'b'), childText(root, 'c'), childOf(root, 'c')]).toEqual(['1', undefined, undefined]);
    expect([textOf(root), attributeOf(root, 'x'), attributeOf(root, 'y')]).toEqual(['tu', '1', undefined]);
  });
});
