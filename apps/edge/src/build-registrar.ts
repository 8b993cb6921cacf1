import type { Bus } from '@parley/bus';
import { silenceOf } from '@parley/sip-stack/node';
import type { MailboxNewsDesk } from './actors/mailbox/mailbox-news-desk.ts';
import type { PeerEdges } from './actors/proxy/peer-edges.ts';
import { RegistrarDesk } from './actors/registrar/registrar-desk.ts';
import type { RegistrarDeskOptions } from './actors/registrar/registrar-desk.ts';
import { KeepAlives } from './flows/keep-alives.ts';
import { LostEdges } from './flows/lost-edges.ts';
import { defaultRegistrarRules } from './registrar/registrar-rules.ts';
import type { RegistrarRules } from './registrar/registrar-rules.ts';
import { promisedInterval } from './registrar/registered-fields.ts';
import type { EdgeSettings } from './settings.ts';

/** What the registrar leans on. */
export type RegistrarGround = Omit<RegistrarDeskOptions, 'rules' | 'keepAlives' | 'news'> & {
  readonly settings: Pick<EdgeSettings, 'minExpires'>;
  readonly bus: Bus;
  readonly edges: PeerEdges;
};

/** The registrar, and the watch over the flows that devices promised to keep. */
export interface RegistrarParts extends Disposable {
  readonly desk: RegistrarDesk;
  readonly keepAlives: KeepAlives;
}

/** Puts the registrar together. */
export function buildRegistrar(ground: RegistrarGround, news: Pick<MailboxNewsDesk, 'registered'>): RegistrarParts {
  const rules = { ...defaultRegistrarRules, minExpires: ground.settings.minExpires };
  const keepAlives = watchFlows(ground, rules);
  const lostEdges = new LostEdges(ground);
  // A device whose binding somebody else ended comes back, if it wants to, once it finds its connection closed.
  ground.bindings.onTaken(({ flow }) => {
    ground.flows.closeAlone(flow, 'the binding was ended elsewhere');
  });
  return {
    desk: new RegistrarDesk({ ...ground, rules, keepAlives, news }),
    keepAlives,
    [Symbol.dispose]() {
      keepAlives[Symbol.dispose]();
      lostEdges[Symbol.dispose]();
    },
  };
}

/** Ends the bindings of devices over UDP that fall silent; those of an earlier life of this edge are watched too. */
function watchFlows({ clock, bindings, instance, events }: RegistrarGround, { flowTimer }: RegistrarRules): KeepAlives {
  const keepAlives = new KeepAlives({
    clock,
    intervals: flowTimer,
    silenceOf,
    onDead: (flow, accounts) => {
      events.flowSilent(flow, accounts);
      void bindings.end(accounts, (binding) => binding.flow === flow && binding.edgeInstance === instance);
    },
  });
  for (const [name, binding] of bindings.bindings()) {
    const isOurs = binding.edgeInstance === instance && promisedInterval(binding, flowTimer) !== undefined;
    if (isOurs && binding.transport === 'UDP') keepAlives.expectOverUdp(binding.flow, name);
  }
  return keepAlives;
}
