import type { notification } from '@parley/contracts';
import type { Subscription } from '../subscription/subscription.ts';

/**
 * NOTIFYs that may be sent before the subscription is stored again: its record tells the highest numbers that they can
 * have, and a new owner goes on above them.
 */
export const headroom = 16;

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
    localCseq: (dialog.localSequence ?? 0) + headroom,
    remoteCseq: dialog.remoteSequence ?? 0,
    edgeInstance: reach.edgeInstance,
    flow: reach.flow,
    expiresAt: Math.round(subscription.expiresAt),
    notifyVersion: subscription.documentVersion + headroom,
    roomVersion: subscription.rosterVersion,
    eventId: subscription.eventId,
    epoch,
    secure: dialog.secure,
    lastCommand: subscription.lastCommand,
    maxRate: subscription.rates.max,
    minRate: subscription.rates.min,
    adaptiveMinRate: subscription.rates.adaptive,
    byDatagram: reach.byDatagram,
    participant: subscription.participant,
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
      localSequence: record.localCseq,
      remoteSequence: record.remoteCseq,
      secure: record.secure,
    },
    participant: record.participant,
    reach: { edgeInstance: record.edgeInstance, flow: record.flow, byDatagram: record.byDatagram },
    rates: { max: record.maxRate, min: record.minRate, adaptive: record.adaptiveMinRate },
    eventId: record.eventId,
    expiresAt: record.expiresAt,
    documentVersion: record.notifyVersion,
    rosterVersion: record.roomVersion,
    lastCommand: record.lastCommand,
  };
}
