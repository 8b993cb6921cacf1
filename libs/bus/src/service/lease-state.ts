import type { Placement } from '@parley/actor';
import type { ReadinessCheck } from '@parley/service';

/** Tells a probe when leases of this instance are over: until they are renewed it does nothing that they are for. */
export function leaseState(...placements: readonly Pick<Placement, 'isAlive'>[]): ReadinessCheck {
  return () => (placements.every(({ isAlive }) => isAlive) ? undefined : 'a lease is over, and not renewed');
}
