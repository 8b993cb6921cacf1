import { byeRequest } from '@parley/sip-stack';
import type { MediaLeg } from '../media/media-leg.ts';
import type { Effect } from './decision.ts';

/**
 * Says goodbye to a media server, where there is one. A number is left out: a re-INVITE that failed, or whose answer came too
 * late to be kept, has taken it.
 *
 * @spec RFC 3261 §12.2.1.1 (CSeq), §12.2.2 (gaps are no error, a number that was seen may be one)
 */
export function endLeg(leg: MediaLeg | undefined): readonly Effect[] {
  if (leg === undefined) return [];
  const { dialog } = leg;
  const [request] = byeRequest({ ...dialog, localSequence: (dialog.localSequence ?? 0) + 1 });
  return [{ kind: 'SendRequest', reach: { edgeInstance: leg.edgeInstance, flow: '' }, request }];
}
