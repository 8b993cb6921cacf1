import type { focus } from '@parley/contracts';
import type { Dialog } from '@parley/sip-stack';
import type { Participant } from '../room/participant.ts';

/** What is stored of a participant: enough to end its dialog after a failover. */
export function participantRecord(participant: Participant, epoch: number): focus.ParticipantRecord {
  const { dialog, reach, media } = participant;
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
    switchInstance: media.switchInstance,
    session: media.session,
    localSdp: media.localSdp,
    remoteSdp: media.remoteSdp,
    bound: media.bound,
    epoch,
    joinCommand: participant.joinCommand,
    secure: dialog.secure,
  };
}

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
    media: {
      kind: 'msrp',
      switchInstance: record.switchInstance,
      session: record.session,
      bound: record.bound,
      // Copies: what the store gave is a view of a larger buffer.
      localSdp: record.localSdp.slice(),
      remoteSdp: record.remoteSdp.slice(),
    },
    joinCommand: record.joinCommand,
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
