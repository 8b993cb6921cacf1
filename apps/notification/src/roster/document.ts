import type { ConferenceInfoFrame, Endpoint, User } from '@parley/conference-info';
import { conferenceInfoFrame } from '@parley/conference-info';
import type { UserChange } from './difference.ts';
import { nameOf } from './difference.ts';
import type { RosterParticipant } from './roster.ts';

/**
 * A document around its version and users. Of a partial one each part is what it is now, as none but the users has a
 * state of its own.
 *
 * @param userCount - users in the room, whether the document tells of them or not
 * @spec RFC 4575 §4.4, §5.2, §5.5
 */
export function documentFrame(room: string, userCount: number, state: 'full' | 'partial'): ConferenceInfoFrame {
  const description = { confUris: { entries: [{ uri: room, purpose: 'participation' }] } };
  const conferenceState = { userCount, active: true, locked: false };
  const full = { entity: room, state, description, conferenceState };
  return conferenceInfoFrame(state === 'full' ? full : { entity: room, state, conferenceState }, state);
}

/**
 * What a document says of a user: one element per address, one endpoint per device of it.
 *
 * @spec RFC 4575 §5.6, §5.7, RFC 7701 §7.4 (nickname)
 */
export function userOf(change: UserChange): User {
  const { uri: entity } = change;
  if (change.kind === 'deleted') return { entity, state: 'deleted' };
  const { nickname, text } = nameOf(change.devices);
  const named = {
    ...(nickname === '' ? {} : { nickname }),
    ...(text === '' ? {} : { displayText: text }),
  };
  if (change.kind === 'full') return { entity, state: 'full', ...named, endpoints: change.devices.map(endpointOf) };
  const gone = change.gone.map((device): Endpoint => ({ entity: endpointKey(device), state: 'deleted' }));
  return { entity, state: 'partial', endpoints: [...change.put.map(endpointOf), ...gone] };
}

function endpointOf(device: RosterParticipant): Endpoint {
  const { bound, onHold, joinedAt } = device;
  return {
    entity: endpointKey(device),
    state: 'full',
    status: bound ? (onHold ? 'on-hold' : 'connected') : 'pending',
    joiningMethod: device.dialedOut ? 'dialed-out' : 'dialed-in',
    joiningInfo: { when: new Date(joinedAt).toISOString() },
    media: [{ id: '1', type: 'message', status: bound ? (onHold ? 'sendonly' : 'sendrecv') : 'inactive' }],
  };
}

/** Tells a device apart without showing where it is: the user's URI with the participant's id, which leads nowhere. */
function endpointKey({ uri, id }: RosterParticipant): string {
  return `${uri};endpoint=${id}`;
}
