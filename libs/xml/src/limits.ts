/** Bounds on one document, so that nobody's XML costs more time or memory than its sender paid for in octets. */
export interface XmlLimits {
  /** Octets of the document as it came. */
  readonly maxOctets: number;
  /** Elements within each other, the root counted; those who read a tree may recurse. */
  readonly maxDepth: number;
  /** Elements in all; one of four octets (`<a/>`) takes some 200 in memory. */
  readonly maxElements: number;
  /** Attributes of one element, declarations of namespaces counted. */
  readonly maxAttributes: number;
  /** UTF-16 code units of one attribute value or one run of text. */
  readonly maxText: number;
}

/**
 * Limits that fit what travels in an instant message: 64 KiB is the largest page-mode body by default, no schema here
 * nests deeper than 10 levels or knows more than 10 attributes, and a room of some hundred members is 4000 elements.
 */
export const defaultXmlLimits: XmlLimits = {
  maxOctets: 65_536,
  maxDepth: 64,
  maxElements: 8192,
  maxAttributes: 64,
  maxText: 32_768,
};
