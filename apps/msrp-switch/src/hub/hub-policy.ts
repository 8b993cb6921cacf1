/** What the switch itself has to know of a room's policy. */
export interface HubPolicy {
  readonly nicknames: boolean;
  readonly nicknameScope: 'room' | 'domain';
  readonly privateMessages: boolean;
  /** Whether only speakers are heard by all. */
  readonly moderated: boolean;
  /** Whether nobody may learn from a notification who is in the room. */
  readonly hideMembers: boolean;
  /** Octets of the largest message. */
  readonly maxSize: number;
  /** Messages to the room that are kept. */
  readonly history: number;
  /** Of those, how many a newcomer is sent. */
  readonly replay: number;
  /** When the room was made, milliseconds since 1970; what is older was said in another one. */
  readonly since: number;
  /** Said to each who is bound; empty: nothing. */
  readonly welcome: string;
}
