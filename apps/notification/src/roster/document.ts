import type { ConferenceInfo, Endpoint, User } from '@parley/conference-info';
import type { Roster, RosterParticipant } from './roster.ts';
import { visibleTo } from './roster.ts';

/**
 * The full state of a room as a subscriber sees it: one user per address, one endpoint per device of it.
 *
 * @param version - of the document, within the subscription
 * @spec RFC 4575 §5, RFC 7701 §7.4 (nickname)
 */
export function conferenceDocument(roster: Roster, identity: string, version: number): ConferenceInfo {
  const users = usersOf(visibleTo(roster, identity));
  return {
    entity: roster.room,
    state: 'full',
    version,
    description: { confUris: { entries: [{ uri: roster.room, purpose: 'participation' }] } },
    conferenceState: { userCount: users.length, active: true, locked: false },
    users: { state: 'full', users },
  };
}

/** Users in the order in which they came. */
function usersOf(participants: readonly RosterParticipant[]): readonly User[] {
  const devices = new Map<string, RosterParticipant[]>();
  for (const participant of participants) {
    const others = devices.get(participant.uri);
    if (others === undefined) devices.set(participant.uri, [participant]);
    else others.push(participant);
  }
  return [...devices].map(([uri, own]) => userOf(uri, own));
}

function userOf(uri: string, devices: readonly RosterParticipant[]): User {
  const nickname = devices.find((device) => device.nickname !== '')?.nickname;
  const displayText = devices.find((device) => device.displayName !== '')?.displayName;
  return {
    entity: uri,
    state: 'full',
    ...(nickname === undefined ? {} : { nickname }),
    ...(displayText === undefined ? {} : { displayText }),
    endpoints: devices.map(endpointOf),
  };
}

/**
 * One device. Its key tells it apart without showing where it is: the user's URI with the participant's id, which leads
 * nowhere.
 */
function endpointOf({ uri, id, bound, joinedAt }: RosterParticipant): Endpoint {
  return {
    entity: `${uri};endpoint=${id}`,
    state: 'full',
    status: bound ? 'connected' : 'pending',
    joiningMethod: 'dialed-in',
    joiningInfo: { when: new Date(joinedAt).toISOString() },
    media: [{ id: '1', type: 'message', status: bound ? 'sendrecv' : 'inactive' }],
  };
}
