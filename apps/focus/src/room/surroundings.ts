import type { ParticipantKind } from '../media/participant-kind.ts';
import type { Random } from '@parley/prelude';
import type { RoomPolicy } from './policy.ts';

/** What a decision knows beside the room: the settings, the time and chance. */
export interface Surroundings {
  readonly chatDomain: string;
  /** Domain of the accounts. */
  readonly domain: string;
  /** Host of the answer's `c=` where the switch names none. */
  readonly publicHost: string;
  readonly dialect: 'draft-03' | 'rfc7701';
  readonly roomCreate: 'anyone' | 'factory' | 'admin';
  readonly defaults: RoomPolicy;
  /** Ways to take part in rooms, the first that takes an INVITE before the others. */
  readonly kinds: readonly ParticipantKind[];
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly now: number;
}
