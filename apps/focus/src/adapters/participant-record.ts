import type { focus } from '@parley/contracts';
import type { Dialog } from '@parley/sip-stack';
import { legOf, legRecord } from './media-leg-record.ts';
import { msrpKind } from '../media/msrp-kind.ts';
import type { MsrpMedia } from '../media/msrp-media.ts';
import { isMsrp } from '../media/msrp-media.ts';
import type { Participant } from '../room/participant.ts';

/** What is stored of a participant: enough to end its dialog after a failover. */
export function participantRecord(participant: Participant, epoch: number): focus.ParticipantRecord {
  const { dialog, reach, media, timer } = participant;
  return {
    id: participant.id,
    identity: participant.identity,
    uri: participant.uri,
    nickname: participant.nickname,
    joinedAt: Math.round(participant.joinedAt),
    displayName: participant.displayName,
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
    ...mediaRecord(isMsrp(media) ? media : nothing),
    timer: timer && { interval: timer.interval, ours: timer.isOurs, refreshedAt: Math.round(timer.refreshedAt) },
    dialedOut: participant.dialedOut,
    uris: { items: participant.uris },
    watch: participant.watch,
    mediaLeg: participant.leg && legRecord(participant.leg),
    epoch,
    joinCommand: participant.joinCommand,
    secure: dialog.secure,
  };
}

function mediaRecord({ isOffering, answeredAt, ...media }: Omit<MsrpMedia, 'kind'>) {
  const [first] = media.streams;
  // The first stream stands here as well, for a version that knows of one.
  const { switchInstance = '', session = '', bound = false } = first ?? {};
  const answered = answeredAt === undefined ? undefined : Math.round(answeredAt);
  return { switchInstance, session, bound, ...media, offering: isOffering, answeredAt: answered };
}

/** What stands in the place of streams. */
const nothing = { streams: [], localSdp: new Uint8Array(), remoteSdp: new Uint8Array(), isOffering: false };

/** The participant of a record. */
export function participantOf(record: focus.ParticipantRecord): Participant {
  return {
    id: record.id,
    identity: record.identity,
    uri: record.uri,
    nickname: record.nickname,
    joinedAt: record.joinedAt,
    displayName: record.displayName,
    dialog: dialogOf(record),
    reach: { edgeInstance: record.edgeInstance, flow: record.flow },
    uris: record.uris?.items ?? [record.uri],
    media: mediaOf(record),
    timer: record.timer && {
      interval: record.timer.interval,
      isOurs: record.timer.ours,
      refreshedAt: record.timer.refreshedAt,
    },
    dialedOut: record.dialedOut ?? false,
    watch: record.watch,
    leg: record.mediaLeg && legOf(record.mediaLeg),
    joinCommand: record.joinCommand,
  };
}

/**
 * That a session has got its connection is not written: who was not moved lately is taken to have one, as its switch says
 * when it has none in time.
 */
function mediaOf(record: focus.ParticipantRecord): MsrpMedia {
  const { switchInstance, session, bound, streams, bindBy } = record;
  const only = { index: 0, switchInstance, session, bound, paused: false };
  const all = streams.length > 0 ? streams : [only];
  return {
    kind: msrpKind,
    streams: all.map((stream) => ({ ...stream, bound: bindBy === undefined ? stream.session !== '' : stream.bound })),
    // Copies: what the store gave is a view of a larger buffer.
    localSdp: record.localSdp.slice(),
    remoteSdp: record.remoteSdp.slice(),
    isOffering: record.offering ?? false,
    offeredIn: record.offeredIn,
    answeredAt: record.answeredAt,
    owesOffer: record.owesOffer,
    bindBy: record.bindBy,
  };
}

function dialogOf(record: focus.ParticipantRecord): Dialog {
  return {
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
  };
}
