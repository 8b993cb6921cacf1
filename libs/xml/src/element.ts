/** An attribute after namespaces were resolved; the namespace of one without a prefix is `''`. */
export interface XmlAttribute {
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
}

/** An element after namespaces and references were resolved; declarations of namespaces are no attributes of it. */
export interface XmlElement {
  readonly namespace: string;
  /** Local name. */
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  /** Elements and text in document order; comments and processing instructions are left out, CDATA is text. */
  readonly children: readonly (XmlElement | string)[];
}

/** Namespace of `xml:lang` and `xml:base`, whose prefix needs no declaration. @spec Namespaces in XML 1.0 §3 */
export const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';

/** The value of an attribute, or undefined when the element has none of that name. */
export function attributeOf(element: XmlElement, name: string, namespace = ''): string | undefined {
  return element.attributes.find((attribute) => attribute.name === name && attribute.namespace === namespace)?.value;
}

/** The elements among the children, of whatever name. */
export function elementsOf(element: XmlElement): readonly XmlElement[] {
  return element.children.filter((child) => typeof child !== 'string');
}

/** The elements of this name among the children, in the namespace of their parent. */
export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return elementsOf(element).filter((child) => child.name === name && child.namespace === element.namespace);
}

/** The first of {@link childrenOf}. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return childrenOf(element, name)[0];
}

/** The text directly inside an element. */
export function textOf(element: XmlElement): string {
  return element.children.filter((child) => typeof child === 'string').join('');
}

/** The text of the first child of this name, or undefined when there is none. */
export function childText(element: XmlElement, name: string): string | undefined {
  const child = childOf(element, name);
  return child && textOf(child);
}
