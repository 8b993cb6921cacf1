export type { LinkSettings, SipPairOptions } from './pair.ts';
export { SipPair } from './pair.ts';
