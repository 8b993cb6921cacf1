import type { common } from '@parley/contracts';
import type { Health, Metrics } from '@parley/service';
import type { PublicPorts } from '../flows/own-uris.ts';

/** What a census learns of this process. */
export interface StatusFacts {
  readonly instance: string;
  readonly startedAt: number;
  readonly host: string;
  readonly ports: PublicPorts;
  readonly health: Health;
  readonly metrics: Metrics;
  /** Why UDP and TCP go through Node's own sockets; empty when they do not. */
  readonly withoutNative: string;
}

const version = '0.1.0';

/** Answers a census. */
export async function instanceStatus(
  facts: StatusFacts,
  { withMetrics }: common.Census,
): Promise<common.InstanceStatus> {
  const { instance, startedAt, health, metrics } = facts;
  const readiness = health.readiness();
  return {
    service: 'edge',
    instance,
    version,
    startedAt,
    ready: readiness.ok,
    draining: health.draining,
    pid: process.pid,
    addresses: addressesOf(facts),
    metrics: withMetrics ? Buffer.from(JSON.stringify(await metrics.registry.getMetricsAsJSON())) : new Uint8Array(0),
    checks: [
      ...Object.entries(readiness.checks).map(([name, detail]) => ({ name, healthy: detail === 'ok', detail })),
      { name: 'native sockets', healthy: true, detail: facts.withoutNative || 'ok' },
    ],
  };
}

function addressesOf({ host, ports }: StatusFacts): string[] {
  return [
    `sip:${host}:${ports.sip};transport=udp`,
    `sip:${host}:${ports.sip};transport=tcp`,
    `sips:${host}:${ports.sips}`,
    `sip:${host}:${ports.sipWs};transport=ws`,
  ];
}
