import { ActorSystem } from '@parley/actor';
import type { Bus } from '@parley/bus';
import { actorObserver, answerCensus, leaseState, placementObserver, serveShards } from '@parley/bus';
import { rpc } from '@parley/contracts';
import type { RunningService, ServiceContext } from '@parley/service';
import { nicknameScopeKind } from './actors/nickname-scope.ts';
import { nicknameSearch } from './adapters/nickname-search.ts';
import { nicknameEvents } from './events.ts';
import { entitlementOf } from './scope/entitlement.ts';

/** Name of the service in subjects, logs and metrics. */
export const serviceName = 'nickname';

/** Puts the service together on a bus that is connected. */
export function startNickname(context: ServiceContext, bus: Bus): RunningService {
  const { clock, random, instance, settings } = context;
  const { domain, domainAliases, chatDomain } = settings;
  const around = {
    bus,
    clock,
    events: nicknameEvents(context),
    isUsed: nicknameSearch({ bus, clock, random }),
    entitlement: entitlementOf(settings.nicknamesReserved, [domain, ...domainAliases, chatDomain]),
    quarantine: settings.nicknameQuarantine * 1000,
  };
  const system = new ActorSystem({ clock, observer: actorObserver(context) });
  const placement = serveShards({
    bus,
    clock,
    service: serviceName,
    instance,
    rpc: rpc.nickname,
    identityOf: ({ scope }) => scope,
    actors: system.register(nicknameScopeKind(around)),
    observer: placementObserver(context),
    lease: settings.lease,
  });
  context.health.check('lease', leaseState(placement));
  const census = answerCensus(bus, context, { service: serviceName });
  return {
    drain: async () => {
      await placement.drain();
      await system.drain();
    },
    [Symbol.asyncDispose]: async () => {
      await placement.drain();
      await census.stop();
      await bus.drain();
    },
  };
}
