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

const service = (name: string, runtime: readonly string[]): ServicePlan => ({
  name,
  script: fileURLToPath(new URL(`../../../${name}/src/main.ts`, import.meta.url)),
  needs: [],
  runtime,
});

/**
 * On one machine there is a core for each service at most: helpers that compile and collect would only wait for it, and each of
 * them keeps memory of its own (docs/adr/0038). A cluster gives its services limits of their own.
 */
const oneHelper = '--v8-pool-size=1';

/**
 * Those that decide and store have little that dies young. V8 would give each of them up to 48 MiB for it by and by, which
 * is most of what they take.
 */
const quietRuntime = [oneHelper, '--single-threaded-gc', '--max-semi-space-size=4'];

/**
 * What a switch passes on dies with the turn in which it came. Its helper lets go of octets meanwhile: without one, it grows
 * by 120 MiB in place of 40 while 200 MiB go through it.
 */
const switchRuntime = [oneHelper, '--max-semi-space-size=8'];

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
  service('msrp-switch', switchRuntime),
];
