export type { XmlAttribute, XmlElement } from './element.ts';
export { attributeOf, childOf, childrenOf, childText, elementsOf, textOf, xmlNamespace } from './element.ts';
export type { XmlLimits } from './limits.ts';
export { defaultXmlLimits } from './limits.ts';
export { parseXml } from './parse.ts';
export type { XmlRoot } from './parse-root.ts';
export { parseXmlRoot } from './parse-root.ts';
export type { Xml, XmlAttributes } from './write.ts';
export { element, escapeXml, serialiseXml, textElement, xmlDocument } from './write.ts';
