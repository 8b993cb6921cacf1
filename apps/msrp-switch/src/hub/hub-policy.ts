/** What the switch itself has to know of a room's policy. */
export interface HubPolicy {
  readonly nicknames: boolean;
  readonly nicknameScope: 'room' | 'domain';
  readonly privateMessages: boolean;
  /** Whether only speakers are heard by all. */
  readonly moderated: boolean;
  /** Octets of the largest message. */
  readonly maxSize: number;
  /** Said to each who is bound; empty: nothing. */
  readonly welcome: string;
}
