import { Fault } from '@parley/prelude';
import type { SaxesParser, SaxesTagNS } from 'saxes';
import type { XmlAttribute, XmlElement } from './element.ts';
import type { XmlLimits } from './limits.ts';

/** The parser of saxes, with namespaces. */
export type Parser = SaxesParser<{ xmlns: true; position: false; defaultXMLVersion: '1.0'; forceXMLVersion: true }>;

/** An element that is not closed yet. */
interface Growing extends XmlElement {
  readonly children: (XmlElement | string)[];
}

const declarations = 'http://www.w3.org/2000/xmlns/';

function attributesOf(tag: SaxesTagNS): readonly XmlAttribute[] {
  return Object.values(tag.attributes)
    .filter(({ uri }) => uri !== declarations)
    .map(({ uri, local, value }) => ({ namespace: uri, name: local, value }));
}

/** Text and CDATA beside each other are one text. */
function appendText(children: (XmlElement | string)[], text: string): void {
  const last = children.at(-1);
  if (typeof last === 'string') children[children.length - 1] = last + text;
  else children.push(text);
}

/**
 * Lets the parser read a text and makes a tree of what it tells.
 *
 * @throws Error when the text is not well-formed or exceeds a limit, with the parser standing where it is wrong
 */
export function growTree(parser: Parser, text: string, limits: XmlLimits): XmlElement {
  const open: Growing[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  let attributes = 0;
  const takeText = (run: string) => {
    if (run.length > limits.maxText) parser.fail('a text longer than allowed');
    const parent = open.at(-1);
    if (parent !== undefined) appendText(parent.children, run);
  };

  parser.on('opentagstart', () => {
    attributes = 0;
    if (++elements > limits.maxElements) parser.fail('more elements than allowed');
    if (open.length >= limits.maxDepth) parser.fail('elements nested deeper than allowed');
  });
  parser.on('attribute', ({ value }) => {
    if (++attributes > limits.maxAttributes) parser.fail('more attributes than allowed');
    if (value.length > limits.maxText) parser.fail('an attribute longer than allowed');
  });
  parser.on('opentag', (tag) => {
    const element: Growing = { namespace: tag.uri, name: tag.local, attributes: attributesOf(tag), children: [] };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => open.pop());
  parser.on('text', takeText);
  parser.on('cdata', takeText);
  parser.write(text).close();
  if (root === undefined) throw new Fault('a document that is well-formed and has no root');
  return root;
}
