import { fileURLToPath } from 'node:url';
import type { PortName } from './ports.ts';

/** One service of an installation. */
export interface ServicePlan {
  readonly name: string;
  /** Its entry point, the one that Kubernetes starts too. */
  readonly script: string;
  /** Ports of other services that it must know when it starts; it waits until they are chosen. */
  readonly needs: readonly PortName[];
}

const service = (name: string, needs: readonly PortName[] = []): ServicePlan => ({
  name,
  script: fileURLToPath(new URL(`../../../${name}/src/main.ts`, import.meta.url)),
  needs,
});

/**
 * The services in the order in which they are started; they drain the other way round.
 *
 * The edge starts last and drains first: while it accepts, everything behind it is there.
 */
export const servicePlans: readonly ServicePlan[] = [
  service('console'),
  service('nickname'),
  service('notification'),
  service('msrp-switch'),
  service('focus'),
  service('edge'),
];
