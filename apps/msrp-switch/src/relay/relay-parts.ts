import type { Bus } from '@parley/bus';
import type { Couriers } from '../actors/couriers.ts';
import type { Flusher } from '../connection/flusher.ts';
import type { Switchboard } from '../hub/switchboard.ts';

/** What the relay works with beside what every part is given. */
export interface RelayParts extends Couriers {
  readonly bus: Bus;
  /** This switch. */
  readonly instance: string;
  readonly board: Switchboard;
  readonly flusher: Flusher;
}
