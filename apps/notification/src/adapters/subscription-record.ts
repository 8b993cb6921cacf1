import type { notification } from '@parley/contracts';
import type { Subscription } from '../subscription/subscription.ts';

/** What is stored of a subscription. */
export function subscriptionRecord(subscription: Subscription, epoch: number): notification.SubscriptionRecord {
  const { dialog, reach } = subscription;
  return {
    room: subscription.room,
    identity: subscription.identity,
    callId: dialog.callId,
    localTag: dialog.localTag,
    remoteTag: dialog.remoteTag,
    localUri: dialog.localAddress,
    remoteUri: dialog.remoteAddress,
    remoteTarget: dialog.remoteTarget,
    routeSet: dialog.routeSet,
    localCseq: dialog.localSequence ?? 0,
    remoteCseq: dialog.remoteSequence ?? 0,
    edgeInstance: reach.edgeInstance,
    flow: reach.flow,
    expiresAt: Math.round(subscription.expiresAt),
    notifyVersion: subscription.documentVersion,
    roomVersion: subscription.rosterVersion,
    eventId: subscription.eventId,
    epoch,
    secure: dialog.secure,
    lastCommand: subscription.lastCommand,
  };
}

/** The subscription of a record. */
export function subscriptionOf(record: notification.SubscriptionRecord): Subscription {
  return {
    room: record.room,
    identity: record.identity,
    dialog: {
      state: 'confirmed',
      callId: record.callId,
      localTag: record.localTag,
      remoteTag: record.remoteTag,
      localAddress: record.localUri,
      remoteAddress: record.remoteUri,
      remoteTarget: record.remoteTarget,
      routeSet: record.routeSet,
      localSequence: record.localCseq === 0 ? undefined : record.localCseq,
      remoteSequence: record.remoteCseq,
      secure: record.secure,
    },
    reach: { edgeInstance: record.edgeInstance, flow: record.flow },
    eventId: record.eventId,
    expiresAt: record.expiresAt,
    documentVersion: record.notifyVersion,
    rosterVersion: record.roomVersion,
    lastCommand: record.lastCommand,
  };
}
