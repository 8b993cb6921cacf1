import type { Actors, Ownership, Placement } from '@parley/actor';
import { ActorSystem, shardOf } from '@parley/actor';
import type { ShardCommand } from '@parley/bus';
import { serveShards } from '@parley/bus';
import { edge, rpc, streams } from '@parley/contracts';
import type { Cancel } from '@parley/prelude';
import type { BindingBook } from '../../location/binding-book.ts';
import type { DeviceBook } from '../../location/device-book.ts';
import type { MailboxBook } from '../../location/mailbox-book.ts';
import { byDevice } from '../../mailbox/plan-delivery.ts';
import { addressOfRecordKind, noNews } from './address-of-record.ts';
import { CopyRemover } from './copy-remover.ts';
import type { LocalOwner } from './mailbox-news-desk.ts';
import { MailboxSearch } from './mailbox-search.ts';
import type { AddressOfRecordOptions } from './mailbox-state.ts';

/** What the owner is built from. */
export interface MailboxOwnerOptions extends Omit<AddressOfRecordOptions, 'remover'> {
  readonly bindings: BindingBook;
  readonly devices: DeviceBook;
  readonly mailboxes: MailboxBook;
  /** Unique per start of the process: a new life must not inherit the leases of the last. */
  readonly life: string;
  /** Milliseconds. */
  readonly lease: number;
}

/** Milliseconds between two looks for mail whose time is over. */
const patrolInterval = 600_000;
/** Milliseconds that an actor here may take over news. */
const patience = 2_000;
/** Milliseconds in which shards that come together are gathered, so that the bindings are gone through once. */
const gathering = 20;

/** This edge's share of the mailboxes: their actors, by leased shards. */
export class MailboxOwner implements LocalOwner, AsyncDisposable {
  private readonly options: MailboxOwnerOptions;
  private readonly system: ActorSystem;
  private readonly actors: Actors<ShardCommand<edge.MailboxNews>, edge.MailboxNoted>;
  private readonly placement: Placement;
  private readonly search: MailboxSearch;
  /** Shards that came a moment ago. */
  private readonly fresh = new Set<number>();
  /** When each shard came. */
  private readonly since = new Map<number, number>();
  private readonly stopHearing: Cancel;
  private cancelPatrol: Cancel;
  private isDisposed = false;

  constructor(options: MailboxOwnerOptions) {
    this.options = options;
    const { bus, clock, events, bindings, life, lease } = options;
    const stream = bus.stream(streams.mailbox, edge.MailboxMessage);
    this.system = new ActorSystem({ clock, observer: events.actors });
    const remover = new CopyRemover(stream, () => options.mailboxes.size);
    this.search = new MailboxSearch({
      clock,
      stream,
      isWanted: (account) => this.owns(account) !== undefined,
      found: (account) => {
        this.tellLive(account);
      },
    });
    this.actors = this.system.register(addressOfRecordKind({ ...options, remover }));
    this.placement = serveShards({
      bus,
      clock,
      service: 'edge',
      instance: life,
      rpc: rpc.mailbox,
      identityOf: ({ account }) => account,
      actors: this.actors,
      observer: events.placement,
      lease,
      acquired: ({ shard }) => {
        if (this.fresh.size === 0) clock.after(gathering, this.wake);
        this.fresh.add(shard);
      },
    });
    this.stopHearing = bus.onState((state) => {
      if (state === 'connected') this.wakeKnown();
    });
    bindings.onBound((account) => {
      this.bound(account);
    });
    this.cancelPatrol = clock.after(patrolInterval, this.patrol);
  }

  /** {@link Placement.isAlive} */
  get isAlive(): boolean {
    return this.placement.isAlive;
  }

  async hear(question: edge.MailboxNews): ReturnType<LocalOwner['hear']> {
    const { account } = question;
    const ownership = this.owns(account);
    if (ownership === undefined) return 'not here';
    const heard = await this.actors.ask(account, commandOf(question, ownership), patience);
    return heard.ok ? 'heard' : 'not taken';
  }

  /** Hands all mailboxes over. */
  async drain(): Promise<void> {
    await this.placement.drain();
    await this.system.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
    this.cancelPatrol();
    this.stopHearing();
    this.search[Symbol.dispose]();
    await this.drain();
  }

  /** A device is there: its mail, if any, can go. The watched copy may tell of it before its edge does, or after. */
  private bound(account: string): void {
    const { mailboxes } = this.options;
    if (!mailboxes.hasMail(account) && !this.actors.has(account)) return;
    this.tellLive(account);
  }

  /**
   * What the last owner left to those who are there: mail that is known of, and mail of which nobody may have heard. The
   * others' waits until they come. A shard that comes to who has others was another edge's: whichever mailbox it was to
   * tell of, it may have died before it did.
   */
  private readonly wake = (): void => {
    const fresh = new Set(this.fresh);
    this.fresh.clear();
    if (this.isDisposed) return;
    const { mailboxes, bindings, clock, lease } = this.options;
    const now = clock.now();
    for (const shard of fresh) this.since.set(shard, now);
    const isOld = (shard: number): boolean => now - (this.since.get(shard) ?? now) > lease;
    for (const account of bindings.names()) {
      const shard = shardOf(account);
      if (fresh.has(shard) && mailboxes.hasMail(account)) this.tellLive(account);
      else if (fresh.has(shard) || isOld(shard)) this.search.add(account);
    }
  };

  /** NATS was away, and what was tried meanwhile in vain. */
  private wakeKnown(): void {
    const { mailboxes, bindings } = this.options;
    this.search.hurry();
    for (const account of bindings.names()) {
      const ownership = mailboxes.hasMail(account) ? this.owns(account) : undefined;
      if (ownership !== undefined) this.actors.tell(account, commandOf(noNews(account), ownership));
    }
  }

  private owns(account: string): Ownership | undefined {
    const ownership = this.placement.ownership(shardOf(account));
    return ownership?.isValid() === true ? ownership : undefined;
  }

  /** The devices of an account that are there may have mail. */
  private tellLive(account: string): void {
    const ownership = this.owns(account);
    if (ownership === undefined) return;
    const registered = [...byDevice(this.options.bindings.live(account)).keys()];
    this.actors.tell(account, commandOf({ ...noNews(account), registered }, ownership));
  }

  private readonly patrol = (): void => {
    void this.patrolAll().finally(() => {
      if (!this.isDisposed) this.cancelPatrol = this.options.clock.after(patrolInterval, this.patrol);
    });
  };

  /** One mailbox after another, so that a hundred thousand do not wake at once. */
  private async patrolAll(): Promise<void> {
    const { mailboxes, devices } = this.options;
    for (const account of [...mailboxes.accounts()]) {
      const ownership = mailboxes.hasMail(account) ? this.owns(account) : undefined;
      if (ownership !== undefined) await this.actors.ask(account, commandOf(noNews(account), ownership), patience);
    }
    if (this.placement.isValid(0)) await devices.sweep();
  }
}

function commandOf(question: edge.MailboxNews, ownership: Ownership): ShardCommand<edge.MailboxNews> {
  return { question, ownership, deadline: 0, trace: undefined };
}
