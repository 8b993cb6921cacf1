import type { Refusal } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import type { Decision } from './decision.ts';
import { done, refused, unchanged } from './decision.ts';
import { takeOut } from './leave.ts';
import { noSuchRoom, setPolicy } from './operator.ts';
import type { Participant } from './participant.ts';
import type { Room } from './room.ts';
import type { Surroundings } from './surroundings.ts';

/** Addresses on the longest list of a policy: its record stays far below the bucket's limit. */
export const longestList = 1000;

/**
 * All devices of somebody have to leave; it may come back.
 *
 * @param who - address, name of an account, URI in the roster, or nickname
 * @returns 404 when nobody here is known so
 */
export function expel(room: Room | undefined, who: string, { domain }: Surroundings): Decision {
  if (room === undefined) return unchanged(room, refused(noSuchRoom));
  const identity = identityOf(room, who, domain);
  const theirs = [...room.participants.values()].filter((one) => one.identity === identity);
  if (theirs.length === 0) return unchanged(room, refused(nobodyHere));
  return { ...takeOut(room, theirs, { reason: 'expelled', sendBye: true, closeSessions: true }), answer: done };
}

/** Somebody has to leave, by whatever device or name, and does not come back; or may again. */
export function ban(room: Room | undefined, who: string, isBanned: boolean, { domain }: Surroundings): Decision {
  if (room === undefined) return unchanged(room, refused(noSuchRoom));
  const identity = identityOf(room, who, domain);
  const banned = withOrWithout(room.policy.banned, identity, isBanned);
  return banned === undefined ? unchanged(room, refused(fullList)) : setPolicy(room, { banned });
}

/** Somebody may speak to all where the room is moderated, or may not any more. */
export function grantVoice(
  room: Room | undefined,
  who: string,
  isGranted: boolean,
  { domain }: Surroundings,
): Decision {
  if (room === undefined) return unchanged(room, refused(noSuchRoom));
  const identity = identityOf(room, who, domain);
  const speakers = withOrWithout(room.policy.speakers, identity, isGranted);
  return speakers === undefined ? unchanged(room, refused(fullList)) : setPolicy(room, { speakers });
}

/**
 * Address-of-record of who is meant: somebody who is here, else whoever has that address. An address comes before a nickname,
 * which everybody chooses: nobody is meant in the place of another whose name it is.
 */
export function identityOf(room: Room, who: string, domain: string): string {
  const address = addressOf(who, domain);
  const everybody = [...room.participants.values()];
  const isAddressed = ({ uri, identity }: Participant): boolean =>
    identity === address || uri === who || uri === address;
  const isCalled = ({ nickname }: Participant): boolean => nickname !== '' && nickname === who;
  return (everybody.find(isAddressed) ?? everybody.find(isCalled))?.identity ?? address;
}

/** `alice`, `alice@localhost` and `sip:alice@localhost` are one of the domain localhost. */
export function addressOf(who: string, domain: string): string {
  if (!who.includes('@')) return `sip:${who.replace(/^sips?:/, '')}@${domain}`;
  return /^[a-z][a-z0-9+.-]*:/i.test(who) ? who : `sip:${who}`;
}

function withOrWithout(list: readonly string[], one: string, isWith: boolean): readonly string[] | undefined {
  const others = list.filter((other) => other !== one);
  if (!isWith) return others;
  return others.length < longestList ? [...others, one] : undefined;
}

const nobodyHere: Refusal = refusal(404, 'Not Found', 'nobody in this room is known so');
const fullList: Refusal = refusal(409, 'Conflict', `expected at most ${longestList} addresses on a list`);
