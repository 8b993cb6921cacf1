import type { Result } from '@parley/prelude';
import { encodeUtf8, err, ok, randomToken } from '@parley/prelude';
import { createResponseTo, field, read, readRawAll, serialiseUri } from '@parley/sip';
import type { RawField } from '@parley/sip';
import type { Dialog } from '@parley/sip-stack';
import { createUasDialog, dialogRequest, refreshTarget } from '@parley/sip-stack';
import { checkRequire } from '../sip/check-request.ts';
import { capabilityFields, focusContact, recordRoutes } from '../sip/focus-fields.ts';
import { sequenceOf } from '../sip/identifiers.ts';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { sipRefusal, warningField } from '../sip/sip-refusal.ts';
import type { Decision } from './decision.ts';
import { done, unchanged } from './decision.ts';
import type { Invitation } from './invitation.ts';
import { tagLength } from './join.ts';
import type { Participant, Reach } from './participant.ts';
import type { Room } from './room.ts';
import { withParticipant } from './room.ts';
import { isCreator } from './standing.ts';
import type { Surroundings } from './surroundings.ts';

/** What a participant asked the focus to do for it, and how it hears what becomes of that. @spec RFC 3515, RFC 4579 §5.5 */
export interface Referral {
  /** URI that the request is to be sent to. */
  readonly target: string;
  readonly method: 'INVITE' | 'BYE';
  /** Address-of-record of who asked. */
  readonly referrer: string;
  /** URI by which the others know who asked. */
  readonly referredBy: string;
  /** Undefined: it wants to hear nothing (RFC 4488). */
  readonly subscription: ReferSubscription | undefined;
}

/** The implicit subscription of a REFER. @spec RFC 3515 §2.4.4, §2.4.6 */
export interface ReferSubscription {
  /** Participant in whose dialog it is; empty: it has a dialog of its own. */
  readonly participant: string;
  readonly dialog: Dialog;
  readonly reach: Reach;
  /** CSeq number of the REFER, which tells several in one dialog apart. */
  readonly eventId: number;
}

/** Seconds for which a referral is reported at most. */
const lifetime = 180;

/**
 * Whether a REFER is to be carried out: participants invite, and its creator removes others; everybody removes itself.
 *
 * @param caller - in whose dialog it came; undefined: outside of dialogs
 * @spec RFC 4579 §5.5, §5.11 (removing), RFC 3515 §2.4.2
 */
export function planReferral(
  room: Room | undefined,
  caller: Participant | undefined,
  { request, identity: authenticated }: Invitation,
): Result<Pick<Referral, 'target' | 'method' | 'referrer' | 'referredBy'>, SipRefusal> {
  const required = checkRequire(request);
  if (!required.ok) return required;
  if (room === undefined) return err(sipRefusal(404, 'no such room'));
  const referrer = caller?.identity ?? authenticated;
  const shown = caller ?? [...room.participants.values()].find(({ identity }) => identity === referrer);
  if (shown === undefined && !isCreator(room, referrer)) return err(forbidden('expected a participant'));
  const targets = readRawAll(request, 'Refer-To');
  const referTo = read(request, field.referTo);
  if (targets.length !== 1 || !referTo.ok || referTo.value === undefined) {
    return err(sipRefusal(400, 'expected one Refer-To'));
  }
  const { uri } = referTo.value;
  if (uri.kind !== 'sip') return err(sipRefusal(416, 'expected a SIP URI in Refer-To'));
  const method = (uri.parameters.get('method') ?? 'INVITE').toUpperCase();
  if (method !== 'INVITE' && method !== 'BYE') return err(forbidden('expected the method INVITE or BYE in Refer-To'));
  const target = serialiseUri({ ...uri, parameters: without(uri.parameters, 'method'), headers: [] });
  return ok({ target, method, referrer, referredBy: shown?.uri ?? referrer });
}

/** The 202, and the subscription that it makes unless the referrer wants none. @spec RFC 3515 §2.4.4, RFC 4488 §4 */
export function acceptReferral(
  room: Room,
  caller: Participant | undefined,
  { request, reach, isSecure }: Invitation,
  { random }: Surroundings,
): Result<{ readonly decision: Decision; readonly subscription: ReferSubscription | undefined }, SipRefusal> {
  const referSub = read(request, field.referSub);
  const isSilent = referSub.ok && referSub.value === false;
  const fields: readonly RawField[] = [
    ...recordRoutes(request),
    focusContact(room.uri),
    ...capabilityFields,
    ...(isSilent ? [['Refer-Sub', 'false'] as const] : []),
  ];
  const response = createResponseTo(request, 202, undefined, { toTag: randomToken(random, tagLength), fields });
  const answer = { kind: 'sip', response } as const;
  const eventId = sequenceOf(request);
  if (caller !== undefined) {
    const { id: participant } = caller;
    const dialog = refreshTarget(caller.dialog, 'REFER', request);
    const decision = { room: withParticipant(room, { ...caller, dialog }), answer, effects: [] };
    return ok({ decision, subscription: isSilent ? undefined : { participant, dialog, reach, eventId } });
  }
  const dialog = createUasDialog(request, response, { tls: isSecure });
  if (!dialog.ok) return err(sipRefusal(dialog.error.status, dialog.error.message));
  const subscription = isSilent ? undefined : { participant: '', dialog: dialog.value, reach, eventId };
  return ok({ decision: unchanged(room, answer), subscription });
}

/** How far a referral has come. */
export interface Progress {
  readonly status: number;
  readonly phrase: string;
}

/**
 * Tells the referrer what became of it; a final status ends the subscription. Who has left the room hears no more.
 *
 * @returns the decision, and the subscription as it stands behind it
 * @spec RFC 3515 §2.4.5
 */
export function notifyReferrer(
  room: Room | undefined,
  subscription: ReferSubscription,
  { status, phrase }: Progress,
): readonly [Decision, ReferSubscription] {
  const participant = subscription.participant === '' ? undefined : room?.participants.get(subscription.participant);
  if (subscription.participant !== '' && participant === undefined) return [unchanged(room, done), subscription];
  const isFinal = status >= 200;
  const fields: readonly RawField[] = [
    ['Event', `refer;id=${subscription.eventId}`],
    ['Subscription-State', isFinal ? 'terminated;reason=noresource' : `active;expires=${lifetime}`],
    ...(room === undefined ? [] : [focusContact(room.uri)]),
    ['Content-Type', 'message/sipfrag;version=2.0'],
  ];
  const body = encodeUtf8(`SIP/2.0 ${status} ${phrase}\r\n`);
  const [request, dialog] = dialogRequest(participant?.dialog ?? subscription.dialog, 'NOTIFY', { fields, body });
  const reach = participant?.reach ?? subscription.reach;
  const effects = [{ kind: 'SendRequest', reach, request }] as const;
  if (room === undefined || participant === undefined) {
    return [
      { room, answer: done, effects },
      { ...subscription, dialog },
    ];
  }
  return [{ room: withParticipant(room, { ...participant, dialog }), answer: done, effects }, subscription];
}

function without(parameters: ReadonlyMap<string, string | undefined>, name: string) {
  return new Map([...parameters].filter(([one]) => one !== name));
}

function forbidden(text: string): SipRefusal {
  return sipRefusal(403, text, [warningField(399, text)]);
}
