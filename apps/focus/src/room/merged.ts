import { defaultTimers } from '@parley/sip-stack';
import { readRaw } from '@parley/sip';
import { fromTagOf, sequenceOf } from '../sip/identifiers.ts';
import { sipRefusal } from '../sip/sip-refusal.ts';
import type { Invitation } from './invitation.ts';
import type { Participant } from './participant.ts';
import type { Room } from './room.ts';
import { participantsOf } from './room.ts';

/** Milliseconds for which the transaction of an INVITE goes on behind its 2xx. @spec RFC 6026 §7.1 (Timer L) */
const lasting = 64 * defaultTimers.t1;

/** What is said to a copy of a request that came by another way before. @spec RFC 3261 §8.2.2.2 */
export const merged = sipRefusal(482, 'this request came by another way before');

/** What all copies of a request outside of dialogs have in common, by whichever ways they come: all but the branch. */
export function sharedByCopies({ request, identity }: Pick<Invitation, 'request' | 'identity'>): string {
  return [identity, readRaw(request, 'Call-ID') ?? '', fromTagOf(request), sequenceOf(request)].join('\n');
}

/**
 * Who is in the room by a copy of this INVITE, which may still have its transaction. Edges may be several, so that only the
 * room knows; it is asked about copies by the same way first.
 *
 * @param now - milliseconds since 1970
 * @spec RFC 3261 §8.2.2.2
 */
export function joinedByCopy(
  room: Room | undefined,
  { request, identity }: Invitation,
  now: number,
): Participant | undefined {
  const devices = room === undefined ? [] : participantsOf(room).index.byCall.of(readRaw(request, 'Call-ID') ?? '');
  for (const id of devices) {
    const known = room?.participants.get(id);
    if (known?.identity !== identity || known.joinedAt + lasting < now) continue;
    const { remoteTag, remoteSequence = 0 } = known.dialog;
    // Within the dialog the number only rises.
    if (remoteTag === fromTagOf(request) && sequenceOf(request) <= remoteSequence) return known;
  }
  return undefined;
}
