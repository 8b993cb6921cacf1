import type { Bus } from '@parley/bus';
import { answerCensus } from '@parley/bus';
import type { RunningService, ServiceContext } from '@parley/service';
import { healthHandler, uriHost } from '@parley/service';
import { Accounts } from './adapters/accounts.ts';
import { Census } from './adapters/census.ts';
import { Lists } from './adapters/lists.ts';
import { Histories } from './adapters/histories.ts';
import { Rooms } from './adapters/rooms.ts';
import type { Api } from './api/api.ts';
import { createApi } from './api/api.ts';
import { listRoutes } from './api/lists.ts';
import { messageRoutes } from './api/messages.ts';
import { historyRoutes } from './api/history.ts';
import { roomRoutes } from './api/rooms.ts';
import { serviceRoutes } from './api/services.ts';
import { userRoutes } from './api/users.ts';
import type { ConsoleEvents } from './events.ts';
import { consoleEvents } from './events.ts';
import { bearerCheck } from './http/bearer.ts';
import { frontDesk } from './front-desk.ts';
import { startHttpServer } from './http/server.ts';
import { ClusterMetrics } from './operations/cluster-metrics.ts';
import { readinessReply } from './operations/readiness.ts';
import { statusPage } from './page/status-page.ts';

/** Name of the service in subjects, logs and metrics. */
export const serviceName = 'console';

/** Milliseconds that another instance needs to take a shard over once the lease of one that was killed has run out. */
const takeover = 2_000;

/** Puts the console together on a bus that is connected; it accepts when the promise resolves. */
export async function startConsole(context: ServiceContext, bus: Bus): Promise<RunningService> {
  const { settings, clock, health, metrics, instance } = context;
  const events = consoleEvents(context);
  const census = new Census(bus, clock);
  const cluster = new ClusterMetrics({ metrics, census, instance, events });
  const desk = frontDesk({
    api: consoleApi(context, bus, census, events),
    page: statusPage(),
    readiness: () => readinessReply(health, census),
    metrics: () => cluster.reply(),
    health: healthHandler(health, metrics),
    events,
    now: () => clock.now(),
  });
  const server = await startHttpServer(settings.host, settings.httpPort, desk);
  const addresses = [`http://${uriHost(settings.host)}:${server.port}`];
  const answering = answerCensus(bus, context, { service: serviceName, addresses });
  return {
    ports: { http: server.port },
    drain: () => server.drain(),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await answering.stop();
      await bus.drain();
    },
  };
}

function consoleApi(context: ServiceContext, bus: Bus, census: Census, events: ConsoleEvents): Api {
  const { settings, clock, random } = context;
  const asker = { bus, clock, random, patience: settings.lease + takeover };
  const lists = new Lists(asker);
  const rooms = new Rooms(asker);
  const routes = [
    ...userRoutes(new Accounts(asker), events),
    ...roomRoutes(rooms, settings, events),
    ...historyRoutes(rooms, new Histories(asker), settings),
    ...serviceRoutes(census),
    ...listRoutes(lists, events),
    ...messageRoutes(lists),
  ];
  return createApi(routes, bearerCheck(settings.adminToken));
}
