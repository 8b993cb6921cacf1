import type { ByteCodec, Clock, Random } from '@parley/prelude';
import type { SwitchEvents } from '../events.ts';
import type { SwitchLimits } from '../limits.ts';
import type { Dialect } from '../message/route.ts';

/** What every part of the switch is given. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly codec: ByteCodec;
  readonly dialect: Dialect;
  readonly limits: SwitchLimits;
  readonly events: SwitchEvents;
}
