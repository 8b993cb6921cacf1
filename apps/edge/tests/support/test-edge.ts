import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus, MemoryBroker } from '@parley/bus';
import { createMemoryBroker } from '@parley/bus';
import { Health, Metrics, parleySettings, systemClock, systemRandom } from '@parley/service';
import type { RunningService } from '@parley/service';
import { unwrap } from '@parley/prelude';
import { pino } from 'pino';
import { startEdge } from '../../src/service.ts';

/** An edge on free ports of 127.0.0.1, and the bus that it uses. */
export interface TestEdge extends AsyncDisposable {
  readonly port: number;
  readonly ports: Readonly<Record<string, number>>;
  readonly bus: Bus;
  readonly metrics: Metrics;
  readonly service: RunningService;
  readonly instance: string;
}

/** Where a test edge finds its bus. */
export interface TestEdgeOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly bus?: Bus;
  readonly instance?: string;
}

/** A broker for several edges. */
export function memoryBroker(): MemoryBroker {
  return createMemoryBroker({ clock: systemClock });
}

const silent = pino({ level: 'silent' });

/** Starts an edge with alice, bob and carol, all with the password `secret`. */
export async function startTestEdge({
  env = {},
  bus = memoryBroker().connect(),
  instance = 'e1',
}: TestEdgeOptions = {}): Promise<TestEdge> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-edge-'));
  const settings = unwrap(
    parleySettings({
      PARLEY_SIP_PORT: '0',
      PARLEY_SIPS_PORT: '0',
      PARLEY_SIP_WS_PORT: '0',
      PARLEY_DATA_DIR: dataDir,
      // Nobody is killed here: no lease lapses, however busy the machine.
      PARLEY_LEASE_MS: '10000',
      PARLEY_USERS: 'alice:secret,bob:secret,carol:secret',
      ...env,
    }),
  );
  const metrics = new Metrics('edge');
  const health = new Health();
  const service = await startEdge(
    { settings, instance, logger: silent, health, metrics, clock: systemClock, random: systemRandom },
    bus,
  );
  const { ports } = service;
  return {
    port: ports['sip'] ?? 0,
    ports,
    bus,
    metrics,
    service,
    instance,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await bus.drain();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
