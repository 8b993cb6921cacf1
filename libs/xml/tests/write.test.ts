import { unwrap } from '@parley/prelude';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Xml, XmlElement } from '../src/index.ts';
import { element, escapeXml, parseXml, serialiseXml, textElement, xmlDocument } from '../src/index.ts';

describe('writing XML', () => {
  it('keeps the order that the caller gives, and leaves out what is absent', () => {
    const content = [textElement('c', 1), textElement('d', undefined), textElement('b', 'x', { 'xml:lang': 'de' })];
    const root = element('a', { xmlns: 'urn:a', n: undefined, m: 0 }, content);
    expect(root).toBe('<a xmlns="urn:a" m="0"><c>1</c><b xml:lang="de">x</b></a>');
    expect(xmlDocument(root)).toBe(`<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`);
    expect(element('a', {}, [])).toBe('<a/>');
  });

  it('escapes what would be markup, and white space that reading would change', () => {
    expect(escapeXml('<a b="c">&\r\n\t')).toBe('&lt;a b=&quot;c&quot;&gt;&amp;&#13;&#10;&#9;');
  });

  it('throws a Fault for a name that is none', () => {
    expect(() => element('a b', {}, [])).toThrow('element name');
    expect(() => element('a', { 'b="': '' }, [])).toThrow('attribute name');
  });

  it('is read back as it was written, with U+FFFD for what XML cannot hold', () => {
    const name = fc.constantFrom('a', 'b-c', '_d');
    const unit = fc.oneof(fc.constantFrom(0, 9, 10, 13, 34, 38, 60, 0xd800, 0xdc00, 0xfffe), fc.nat({ max: 0xffff }));
    const text = fc.array(unit, { maxLength: 12 }).map((units) => String.fromCharCode(...units));
    interface Tree {
      readonly name: string;
      readonly value: string;
      readonly content: string;
      readonly children: readonly Tree[];
    }
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.record({
        name,
        value: text,
        content: text,
        children: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 3 })),
      }),
    }));
    const held = (value: string) => value.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd');
    const write = (node: Tree): Xml =>
      element(node.name, { x: node.value }, [escapeXml(node.content), ...node.children.map(write)]);
    const expected = (node: Tree): XmlElement => ({
      namespace: '',
      name: node.name,
      attributes: [{ namespace: '', name: 'x', value: held(node.value) }],
      children: [...(node.content === '' ? [] : [held(node.content)]), ...node.children.map(expected)],
    });
    fc.assert(
      fc.property(tree, (root) => {
        expect(unwrap(parseXml(serialiseXml(write(root))))).toEqual(expected(root));
      }),
    );
  });
});
