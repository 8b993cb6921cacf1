import type { ServiceContext } from '@parley/service';
import type { Bus } from '../bus.ts';
import { connectBus } from '../nats/connect-bus.ts';

/** Milliseconds to wait for NATS at a start before giving up with a clear line; then whoever started us tries again. */
const patience = 30_000;

/**
 * Connects a service to the NATS of its settings, and ties its readiness to the connection.
 *
 * @throws Error that the start explains in one line, when no NATS is named, or none answers in time
 */
export async function joinBus(context: ServiceContext, service: string): Promise<Bus> {
  const { settings, clock, logger, health, instance, stopping: signal } = context;
  if (settings.natsUrls.length === 0)
    throw cannotStart('PARLEY_NATS_URL is not set: it must be the URL of a NATS with JetStream');
  const url = settings.natsUrls.join(',');
  const connected = await connectBus({
    url,
    name: `${service}.${instance}`,
    clock,
    logger,
    replicas: settings.natsReplicas,
    storeOctets: settings.storeOctets,
    within: patience,
    signal,
  });
  if (!connected.ok) throw cannotStart(`${connected.error.message} (PARLEY_NATS_URL)`, connected.error);
  const bus = connected.value;
  health.check('nats', () => (bus.state === 'connected' ? undefined : bus.state));
  return bus;
}

/** A failure that the operator mends by a setting; `runService` tells it in one line. */
function cannotStart(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { kind: 'SettingError' as const });
}
