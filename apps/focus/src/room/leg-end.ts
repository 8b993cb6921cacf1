import { byeRequest } from '@parley/sip-stack';
import type { MediaLeg } from '../media/media-leg.ts';
import type { Effect } from './decision.ts';

/** Says goodbye to a media server, where there is one. */
export function endLeg(leg: MediaLeg | undefined): readonly Effect[] {
  if (leg === undefined) return [];
  const [request] = byeRequest(leg.dialog);
  return [{ kind: 'SendRequest', reach: { edgeInstance: leg.edgeInstance, flow: '' }, request }];
}
