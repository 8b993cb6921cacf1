import type { focus } from '@parley/contracts';
import { roomName } from './room-address.ts';
import { timestamp } from './time.ts';

/** Policy of a room as the API shows it. */
export type PolicyView = Omit<focus.RoomPolicy, 'membersPresent' | 'banned' | 'speakers'> & {
  readonly banned: readonly string[];
  readonly speakers: readonly string[];
};

/** A room as the API shows it; no nickname is an empty string. */
export interface RoomView {
  readonly name: string;
  readonly uri: string;
  readonly policy: PolicyView;
  readonly participants: readonly {
    readonly uri: string;
    readonly nickname: string;
    readonly joinedAt: string;
  }[];
}

/** Shows a room; participants in the order in which they came. */
export function roomView({ uri, policy, participants }: focus.Room): RoomView {
  const { membersPresent: _, banned, speakers, ...shown } = policy ?? { members: [], membersPresent: false };
  const arrived = participants.toSorted((one, other) => one.joinedAt - other.joinedAt);
  return {
    name: roomName(uri),
    uri,
    policy: { ...shown, banned: banned?.items ?? [], speakers: speakers?.items ?? [] },
    participants: arrived.map((one) => ({
      uri: one.uri,
      nickname: one.nickname,
      joinedAt: timestamp(one.joinedAt),
    })),
  };
}
