import type { Health } from '@parley/service';
import type { Census } from '../adapters/census.ts';
import { lackOf, requiredServices } from '../adapters/census.ts';
import type { Reply } from '../http/reply.ts';
import { json } from '../http/reply.ts';

/** Whether the whole installation can be used: NATS is there, and of each service one process that is ready. */
export async function readinessReply(health: Health, census: Census): Promise<Reply> {
  const own = health.readiness();
  const answers = await census.take();
  const instances = answers.ok ? answers.value : [];
  const states = requiredServices.map((service) => [service, lackOf(service, instances) ?? 'ok'] as const);
  const checks = { ...own.checks, ...Object.fromEntries(states) };
  const missing = Object.entries(checks).flatMap(([name, state]) => (state === 'ok' ? [] : [name]));
  const isReady = own.ok && missing.length === 0;
  return json(isReady ? 200 : 503, { status: isReady ? 'ok' : 'unavailable', checks, missing });
}
