import { randomToken } from '@parley/prelude';
import { AmendmentDesk } from './actors/amendments/amendment-desk.ts';
import { DeviceAdapter } from './actors/mailbox/device-adapter.ts';
import { DispositionDesk } from './actors/receipts/disposition-desk.ts';
import { MailboxDesk } from './actors/mailbox/mailbox-desk.ts';
import { MailboxNewsDesk } from './actors/mailbox/mailbox-news-desk.ts';
import { MailboxOwner } from './actors/mailbox/mailbox-owner.ts';
import { MessageProxy } from './actors/page-mode/message-proxy.ts';
import type { Sender } from './actors/proxy/sender.ts';
import type { TraceDesk } from './actors/traces/trace-desk.ts';
import type { Peers } from './federation/peers.ts';
import type { BindingBook } from './location/binding-book.ts';
import { historyHooks } from './lists/history-hooks.ts';
import type { DeliveryHooks } from './mailbox/delivery-hooks.ts';
import { replaceHooks } from './replace/replace-hooks.ts';
import type { Ground } from './ground.ts';

/** The parts that bring messages to devices. */
export interface Mail {
  readonly news: MailboxNewsDesk;
  readonly desk: MailboxDesk;
  readonly messages: MessageProxy;
  readonly amendments: AmendmentDesk;
  readonly dispositions: DispositionDesk;
  /** Who changes or hears of what goes to devices. */
  readonly hooks: DeliveryHooks;
}

/** Puts them together. */
export function buildMail(ground: Ground, sender: Sender, peers: Peers): Mail {
  const { bus, clock, settings } = ground;
  const { offlineTtl, mailboxMessages: mostCopies, mailboxOctets: mostOctets } = settings;
  const rules = { memory: offlineTtl * 1000, mostCopies, mostOctets };
  const news = new MailboxNewsDesk(bus, clock, ground.mailboxes);
  const desk = new MailboxDesk({ ...ground, rules, news });
  const dispositions = new DispositionDesk({ ...ground, mailboxes: desk, sender, peers });
  const { traces } = ground;
  const hooks = tracedHooks(buildHooks(ground, dispositions), traces);
  const messages = new MessageProxy({ ...ground, sender, news, mailboxDesk: desk, hooks });
  return {
    news,
    desk,
    hooks,
    messages,
    dispositions,
    amendments: new AmendmentDesk({ ...ground, mailboxDesk: desk, messages, hooks }),
  };
}

function buildHooks(ground: Ground, dispositions: DispositionDesk): DeliveryHooks {
  const { bindings, devices } = ground;
  const adapter = new DeviceAdapter({ ...ground, dispositions });
  const next = historyHooks({ next: adapter, userAgentOf: userAgentIn(bindings) });
  return replaceHooks({ next, supports: (account, device, tag) => devices.supports(account, device, tag) });
}

/** Traces hear first, since what others do with a fate may take long. */
function tracedHooks(next: DeliveryHooks, traces: TraceDesk): DeliveryHooks {
  return {
    ...next,
    became: (account, request, fate) => {
      traces.became(account, request, fate);
      return next.became(account, request, fate);
    },
    traces,
  };
}

/** Begins to own mailboxes. */
export function ownMailboxes(ground: Ground, sender: Sender, { news, hooks }: Mail): MailboxOwner {
  const { instance, random, settings, telemetry } = ground;
  const owner = new MailboxOwner({
    ...ground,
    sender,
    hooks,
    life: `${instance}-${randomToken(random, 8)}`,
    lease: settings.lease,
    drained: (outcome) => {
      telemetry.copy(outcome);
    },
  });
  news.attach(owner);
  return owner;
}

/** User-Agent of a device as one of its live bindings tells it. */
function userAgentIn(bindings: BindingBook): (account: string, device: string) => string {
  return (account, device) => bindings.live(account).find((binding) => binding.device === device)?.userAgent ?? '';
}
