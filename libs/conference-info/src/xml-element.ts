/** An attribute after namespaces were resolved; the namespace of one without a prefix is `''`. */
export interface XmlAttribute {
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
}

/** An element as an XML parser with namespaces gives it; any parser whose elements have this shape will do. */
export interface XmlElement {
  readonly namespace: string;
  /** Local name. */
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  /** Elements and text in document order, references resolved, comments left out. */
  readonly children: readonly (XmlElement | string)[];
}

/** The value of an attribute, or undefined when the element has none of that name. */
export function attributeOf(element: XmlElement, name: string, namespace = ''): string | undefined {
  return element.attributes.find((attribute) => attribute.name === name && attribute.namespace === namespace)?.value;
}

/** The elements of this name among the children, in the namespace of their parent. */
export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter(
    (child) => typeof child !== 'string' && child.name === name && child.namespace === element.namespace,
    // Text was taken out by the filter.
  ) as XmlElement[];
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
