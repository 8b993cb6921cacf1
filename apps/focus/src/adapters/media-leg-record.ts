import type { focus } from '@parley/contracts';
import type { MediaLeg } from '../media/media-leg.ts';

/** What is stored of a leg: enough to change and to end it after a failover. */
export function legRecord({ dialog, edgeInstance, offer }: MediaLeg): focus.MediaLegRecord {
  const { callId, localTag, remoteTag, remoteTarget, routeSet, secure } = dialog;
  return {
    ...{ callId, localTag, remoteTag, remoteTarget, routeSet, secure, edgeInstance, offer },
    localUri: dialog.localAddress,
    remoteUri: dialog.remoteAddress,
    localCseq: dialog.localSequence ?? 0,
  };
}

/** The leg of a record; copies, as what the store gave is a view of a larger buffer. */
export function legOf(record: focus.MediaLegRecord): MediaLeg {
  const { callId, localTag, remoteTag, remoteTarget, routeSet, secure, edgeInstance, offer } = record;
  const state = 'confirmed';
  const addresses = { localAddress: record.localUri, remoteAddress: record.remoteUri };
  const ids = { state, callId, localTag, remoteTag, ...addresses } as const;
  return {
    dialog: { ...ids, remoteTarget, routeSet, localSequence: record.localCseq, remoteSequence: undefined, secure },
    edgeInstance,
    offer: offer.slice(),
  };
}
