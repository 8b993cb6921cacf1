import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryBus } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import type { Clock } from '@parley/prelude';
import { Health, Metrics, parleySettings, systemClock, systemRandom } from '@parley/service';
import { pino } from 'pino';
import { startEdge } from '../src/service.ts';
import type { RunningEdge } from '../src/service.ts';

/** A whole edge in this process, on a bus in memory, to which messages are handed without sockets. */
export interface InnerEdge extends AsyncDisposable {
  readonly service: RunningEdge;
  readonly bus: Bus;
  readonly metrics: Metrics;
  /** What it logged as an error. */
  readonly errors: string[];
}

/** Starts one with alice and bob, password `secret`, on free ports. */
export async function startInnerEdge(
  env: Readonly<Record<string, string>>,
  clock: Clock = systemClock,
): Promise<InnerEdge> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-edge-'));
  const settings = unwrap(
    parleySettings({
      PARLEY_SIP_PORT: '0',
      PARLEY_SIPS_PORT: '0',
      PARLEY_SIP_WS_PORT: '0',
      PARLEY_DATA_DIR: dataDir,
      PARLEY_USERS: 'alice:secret,bob:secret',
      // A busy machine is no load of this edge.
      PARLEY_OVERLOAD_DELAY: '0',
      ...env,
    }),
  );
  const errors: string[] = [];
  const logger = pino({ level: 'error' }, { write: (line) => void errors.push(line) });
  const bus = createMemoryBus({ clock });
  const metrics = new Metrics('edge');
  const service = await startEdge(
    { settings, instance: 'inner', logger, health: new Health(), metrics, clock, random: systemRandom },
    bus,
  );
  return {
    service,
    bus,
    metrics,
    errors,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await bus.drain();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
