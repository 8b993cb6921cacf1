/** What a room allows, complete. */
export interface RoomPolicy {
  readonly nicknames: boolean;
  /** Where a nickname is unique. */
  readonly nicknameScope: 'room' | 'domain';
  readonly privateMessages: boolean;
  /** Said to each who joins; empty: nothing. */
  readonly welcome: string;
  /** Messages kept for those who come later; 0: none. */
  readonly history: number;
  /** Of those, how many a newcomer is sent. */
  readonly replay: number;
  /** 0: as many as come. */
  readonly maxParticipants: number;
  /** Octets of the largest message. */
  readonly maxSize: number;
  /** Whether the room outlives its last participant. */
  readonly persistent: boolean;
  /** Whether the room ends when who made it leaves. */
  readonly endsWithCreator: boolean;
  readonly membersOnly: boolean;
  /** Addresses-of-record. */
  readonly members: readonly string[];
  /** Addresses-of-record of those who do not come in. */
  readonly banned: readonly string[];
  /** Empty: none. */
  readonly password: string;
  /** Whether only the creator and {@link speakers} are heard by all. */
  readonly moderated: boolean;
  /** Addresses-of-record. */
  readonly speakers: readonly string[];
  /** Whether participants see only themselves in the roster. */
  readonly hideMembers: boolean;
  /** URI to which audio and video lines of participants are offered; empty: they are refused. */
  readonly mediaServer: string;
}

/** What is said of a policy; the rest stays. */
export type PolicyChange = Partial<RoomPolicy>;

/**
 * The policy of a room of which nothing is said.
 *
 * @param maxSize - octets of the largest message that the switches take
 */
export function defaultPolicy(maxSize: number): RoomPolicy {
  return {
    nicknames: true,
    nicknameScope: 'room',
    privateMessages: true,
    welcome: '',
    history: 100,
    replay: 0,
    maxParticipants: 0,
    maxSize,
    persistent: true,
    endsWithCreator: false,
    membersOnly: false,
    members: [],
    banned: [],
    password: '',
    moderated: false,
    speakers: [],
    hideMembers: false,
    mediaServer: '',
  };
}
