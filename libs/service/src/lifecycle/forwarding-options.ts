/**
 * Options of V8 for a process that passes messages on, by one core. Helpers of the collector would only wait for that core,
 * and what a message needs dies young when there is room for some thousand messages (MiB). V8 must not learn otherwise
 * from the start, when all that is made stays (docs/adr/0026). k8s/base/edge has the same.
 */
export const forwardingOptions: readonly string[] = [
  '--single-threaded-gc',
  '--min-semi-space-size=32',
  '--max-semi-space-size=32',
  '--no-allocation-site-pretenuring',
];
