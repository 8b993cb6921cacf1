import type { focus } from '@parley/contracts';
import { refusal } from '@parley/prelude';
import type { RawField } from '@parley/sip';
import { dialogRequest, refreshTarget } from '@parley/sip-stack';
import { focusContact } from '../sip/focus-fields.ts';
import type { Decision, Effect } from './decision.ts';
import { done, refused, unchanged } from './decision.ts';
import type { Invitation } from './invitation.ts';
import type { Room } from './room.ts';
import { withParticipant } from './room.ts';
import { callerOf } from './within-dialog.ts';

/**
 * Takes a SUBSCRIBE to the room into the dialog of the participant that sent it: it counts there as any request does, and the
 * notification service is told whose it is.
 *
 * @returns 481, 403 or 500, as for any request within a dialog
 * @spec RFC 6665 §4.5.2, RFC 5057 §3.2
 */
export function shareDialog(room: Room | undefined, invitation: Invitation): Decision {
  const caller = callerOf(room, invitation);
  if (!caller.ok) return unchanged(room, refused(caller.error));
  const { participant } = caller.value;
  const { id, identity } = participant;
  const dialog = refreshTarget(participant.dialog, 'SUBSCRIBE', invitation.request);
  const after = withParticipant(caller.value.room, { ...participant, dialog });
  return { room: after, answer: { kind: 'shared', participant: id, identity }, effects: [] };
}

/** A NOTIFY that is to be sent in the dialog of a participant. */
export type WatchNotice = Extract<Effect, { kind: 'SendRequest' }>;

/**
 * Gives a NOTIFY of the notification service the next number of the dialog that its subscription shares.
 *
 * @returns the decision, and what is to be sent once it is stored: nothing, with 481, to who has left
 */
export function notifyWatcher(
  room: Room | undefined,
  { participant: id, event, subscriptionState, contentType, body, last }: focus.NotifyParticipant,
): readonly [Decision, WatchNotice | undefined] {
  const participant = room?.participants.get(id);
  if (room === undefined || participant === undefined) return [unchanged(room, refused(noDialog)), undefined];
  const fields: readonly RawField[] = [
    focusContact(room.uri),
    ['Event', event],
    ['Subscription-State', subscriptionState],
    ...(contentType === '' ? [] : [['Content-Type', contentType] as const]),
  ];
  const parts = contentType === '' ? { fields } : { fields, body: body.slice() };
  const [request, dialog] = dialogRequest(participant.dialog, 'NOTIFY', parts);
  const after = withParticipant(room, { ...participant, dialog, watch: last ? undefined : event });
  const { reach } = participant;
  return [
    { room: after, answer: done, effects: [] },
    { kind: 'SendRequest', reach, request },
  ];
}

const noDialog = refusal(481, 'Call/Transaction Does Not Exist', 'the participant has left');
