import { fileURLToPath } from 'node:url';
import { forwardingOptions } from '@parley/service';
import type { PortName } from './ports.ts';

/** One service of an installation. */
export interface ServicePlan {
  readonly name: string;
  /** Its entry point, the one that Kubernetes starts too. */
  readonly script: string;
  /** Ports of other services that it must know when it starts; it waits until they are chosen. */
  readonly needs: readonly PortName[];
  /** Options of Node for it. */
  readonly runtime: readonly string[];
}

const service = (name: string, runtime: readonly string[] = []): ServicePlan => ({
  name,
  script: fileURLToPath(new URL(`../../../${name}/src/main.ts`, import.meta.url)),
  needs: [],
  runtime,
});

/**
 * Those that decide and store have little that dies young. V8 would give each of them up to 48 MiB for it by and by, which
 * on one machine is most of what they take; a cluster gives them limits of their own.
 */
const quietRuntime = ['--max-semi-space-size=4'];

/**
 * The services in the order in which they are started; they drain the other way round.
 *
 * The switch drains first: whom it sends away with the last word of the room hears a BYE of the focus, by the edge. While
 * the edge accepts, everything else behind it is there.
 */
export const servicePlans: readonly ServicePlan[] = [
  service('console', quietRuntime),
  service('nickname', quietRuntime),
  service('notification', quietRuntime),
  service('focus', quietRuntime),
  service('edge', forwardingOptions),
  service('msrp-switch'),
];
