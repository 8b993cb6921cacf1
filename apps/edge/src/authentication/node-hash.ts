import { hash } from 'node:crypto';
import type { DigestHash } from '@parley/sip-stack';

/** The hash functions of Node, in one call each. */
export const nodeHash: DigestHash = {
  md5: (text) => hash('md5', text),
  sha256: (text) => hash('sha256', text),
};
