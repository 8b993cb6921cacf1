import type { Bus } from '@parley/bus';
import { answerCensus, leaseState } from '@parley/bus';
import { groupQueue, groupSubject, instanceSubject, rpc } from '@parley/contracts';
import type { receipts } from '@parley/contracts';
import type { RunningService, ServiceContext } from '@parley/service';
import { AccountBook } from './accounts/account-book.ts';
import { requestIn } from './actors/mailbox/delivery-attempt.ts';
import { buildEdgeCore } from './edge-core.ts';
import type { EdgeCore } from './edge-core.ts';
import { EdgeEvents } from './events.ts';
import { addressesOf } from './flows/own-uris.ts';
import { sharedSecret } from './flows/shared-secret.ts';
import { ReceiptBook } from './location/receipt-book.ts';
import { ListBook } from './lists/list-book.ts';
import { AccountEntries } from './location/account-entries.ts';
import { BindingBook } from './location/binding-book.ts';
import { DeviceBook } from './location/device-book.ts';
import { DirectTargets } from './location/direct-target.ts';
import { MailboxBook } from './location/mailbox-book.ts';
import type { ListJobs } from './actors/lists/list-jobs.ts';
import type { MailboxOwner } from './actors/mailbox/mailbox-owner.ts';
import { OverloadSensor } from './overload/overload-sensor.ts';
import { edgeLoggers } from './logger.ts';
import { GruuKeys } from './registrar/gruu-keys.ts';
import type { EdgeSettings } from './settings.ts';
import { Telemetry } from './telemetry.ts';
import { edgeIdentity } from './tls/edge-identity.ts';
import { HeldObserver } from './transports/held-observer.ts';
import { openTransports } from './transports/transports.ts';

/** What an edge takes from its process; tests give their own. */
export type EdgeContext = Pick<ServiceContext, 'instance' | 'logger' | 'health' | 'metrics' | 'clock' | 'random'> & {
  readonly settings: EdgeSettings;
};

/** Milliseconds that a drain waits for requests under way: the patience of a page-mode message, and a little. */
const drainPatience = 9_000;
/** Milliseconds between two looks while draining. */
const drainGrain = 50;

/** Builds an edge: it accepts when the promise resolves, and knows all accounts and bindings. */
export async function startEdge(context: EdgeContext, bus: Bus): Promise<RunningEdge> {
  await using stack = new AsyncDisposableStack();
  const { settings, clock, health, logger } = context;
  const events = new EdgeEvents(edgeLoggers(logger).edge);
  const telemetry = new Telemetry();
  const entries = new AccountEntries();
  const accounts = stack.use(new AccountBook(bus, entries));
  const bindings = stack.use(new BindingBook(bus, clock, context.instance, entries));
  const devices = stack.use(new DeviceBook(bus, clock, settings.offlineTtl * 1000, entries));
  const mailboxes = stack.use(new MailboxBook(bus, entries));
  const direct = new DirectTargets({ ...context, entries, devices, mailboxes });
  const lists = stack.use(new ListBook(bus));
  const book = stack.use(new ReceiptBook(bus));
  const gruuKeys = stack.use(new GruuKeys({ ...context, bus }));
  await Promise.all([
    accounts.filled,
    bindings.filled,
    devices.filled,
    mailboxes.filled,
    lists.filled,
    book.filled,
    gruuKeys.ready(),
  ]);
  await bindings.endEarlierLife();
  const secret = await sharedSecret('edge', { bus, clock, random: context.random });
  const identity = stack.use(
    await edgeIdentity(settings, clock, (error) => {
      events.certificateUnusable(error);
    }),
  );
  const overload = stack.use(new OverloadSensor(context));
  const held = new HeldObserver();
  const onDropped = (reason: string): void => {
    telemetry.drop(reason);
    if (reason === 'rate') overload.overLimit();
  };
  const transports = await openTransports({
    settings,
    identity,
    observer: held,
    onDropped,
    onStun: (datagram, remote) => (overload.probe.take(datagram) ? undefined : held.hearStun(datagram, remote)),
    onKeepAlive: held.hearKeepAlive,
    shed: held.shed,
  });
  if (transports.withoutNative !== '') events.withoutNativeSockets(transports.withoutNative);
  const core = stack.use(
    buildEdgeCore({
      ...context,
      bus,
      events,
      telemetry,
      accounts,
      bindings,
      devices,
      mailboxes,
      direct,
      overload: overload.control,
      lists,
      book,
      secret,
      gruuKeys,
      transports,
    }),
  );
  stack.defer(() => core.observer.settled());
  stack.use(transports);
  await core.accountsDesk.finishRemovals();
  await core.accountsDesk.makeAbsent(settings.users ?? []);
  held.release(core.observer, core.keepAlives, core.shedder);
  serveBus(context, bus, core);
  answerCensus(bus, context, {
    service: 'edge',
    addresses: addressesOf(core.host, core.ports),
    notes: { 'native sockets': transports.withoutNative || 'ok' },
  });
  const owner = stack.use(core.ownMailboxes());
  const jobs = stack.use(core.ownListJobs());
  await bus.flush();
  overload.watch(transports.ports.sip, () => core.busy(), transports);
  stack.defer(health.check('nats', () => (bus.state === 'connected' ? undefined : `NATS is ${bus.state}`)));
  // What needs a lease another edge may do. What needs none, every live message and call, goes on here: were this not
  // ready for that, a store that is away would leave clients with no edge at all.
  stack.defer(health.note('lease', leaseState(owner, jobs)));
  return new RunningEdge(context, core, [jobs, owner], events, stack.move());
}

function serveBus({ instance }: EdgeContext, bus: Bus, core: EdgeCore): void {
  bus.serve(instanceSubject('edge', instance, 'egress'), rpc.egress, (command) => core.egress.take(command), {
    concurrency: 65_536,
  });
  bus.serve(groupSubject('edge', 'accounts'), rpc.accounts, (command) => core.accountsDesk.take(command), {
    queue: groupQueue('edge'),
  });
  bus.serve(groupSubject('edge', 'deliveries'), rpc.deliveries, (wish) => deliver(core, wish), {
    queue: groupQueue('edge'),
  });
  bus.serve(groupSubject('edge', 'lists'), rpc.lists, (command) => core.storedListsDesk.take(command), {
    queue: groupQueue('edge'),
  });
}

/** A request that another service made for the mailbox of an account. */
async function deliver({ dispositions }: EdgeCore, wish: receipts.DeliverRequest): Promise<receipts.DeliverReply> {
  const request = requestIn(wish.request);
  return { stored: request === undefined || (await dispositions.deliver(wish.account, request)) };
}

/** Hands its share over to other edges. */
type ShardOwner = Pick<MailboxOwner | ListJobs, 'drain'>;

/** An edge that accepts. */
export class RunningEdge implements RunningService {
  readonly ports: Readonly<Record<string, number>>;
  /** What its transports talk to. */
  readonly core: EdgeCore;
  private readonly context: EdgeContext;
  private readonly owners: readonly ShardOwner[];
  private readonly events: EdgeEvents;
  private readonly stack: AsyncDisposableStack;

  constructor(
    context: EdgeContext,
    core: EdgeCore,
    owners: readonly ShardOwner[],
    events: EdgeEvents,
    stack: AsyncDisposableStack,
  ) {
    this.context = context;
    this.core = core;
    this.owners = owners;
    this.events = events;
    this.stack = stack;
    this.ports = { ...core.ports };
  }

  /** Refuses what is new, and waits for what is under way. */
  async drain(): Promise<void> {
    const { clock } = this.context;
    this.core.ingress.draining = true;
    this.core.watchers.drain();
    this.events.draining(this.core.busy());
    const end = clock.now() + drainPatience;
    while (this.core.busy() > 0 && clock.now() < end) {
      await new Promise<void>((resolve) => clock.after(drainGrain, resolve));
    }
    await Promise.all(this.owners.map((owner) => owner.drain()));
    await this.core.traces.settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stack.disposeAsync();
  }
}
