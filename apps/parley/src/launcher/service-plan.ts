import { fileURLToPath } from 'node:url';
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
 * An edge uses its one core for messages: helpers of the collector would only wait for it, and what a message needs
 * dies young when there is room for some thousand messages (MiB). V8 must not learn otherwise from the start, when all
 * that is made stays (docs/adr/0026). The same as in k8s/base/edge.
 */
const edgeRuntime = [
  '--single-threaded-gc',
  '--min-semi-space-size=32',
  '--max-semi-space-size=32',
  '--no-allocation-site-pretenuring',
];

/**
 * Those that decide and store have little that dies young. V8 would give each of them up to 48 MiB for it by and by, which
 * on one machine is most of what they take; a cluster gives them limits of their own.
 */
const quietRuntime = ['--max-semi-space-size=4'];

/**
 * The services in the order in which they are started; they drain the other way round.
 *
 * The edge starts last and drains first: while it accepts, everything behind it is there.
 */
export const servicePlans: readonly ServicePlan[] = [
  service('console', quietRuntime),
  service('nickname', quietRuntime),
  service('notification', quietRuntime),
  service('msrp-switch'),
  service('focus', quietRuntime),
  service('edge', edgeRuntime),
];
