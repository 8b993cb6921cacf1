import type { XmlLimits } from '@parley/xml';
import { defaultXmlLimits } from '@parley/xml';

/**
 * Limits that fit a list of recipients in an instant message: an entry takes some 60 octets and two elements at most, so
 * that 1 MiB holds more recipients than anybody serves; nested lists are rare, and nobody needs sixteen levels.
 */
export const defaultListLimits: XmlLimits = {
  ...defaultXmlLimits,
  maxOctets: 1_048_576,
  maxElements: 65_536,
  maxDepth: 18,
};
