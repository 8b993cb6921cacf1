import type { Actors, Ownership, Placement } from '@parley/actor';
import { ActorSystem, shardOf } from '@parley/actor';
import type { ShardCommand } from '@parley/bus';
import { serveShards } from '@parley/bus';
import type { MessageStream } from '@parley/bus';
import { edge, mailboxSubject, rpc, streams } from '@parley/contracts';
import type { Cancel } from '@parley/prelude';
import type { BindingBook } from '../location/binding-book.ts';
import type { DeviceBook } from '../location/device-book.ts';
import type { MailboxBook } from '../location/mailbox-book.ts';
import { byDevice } from '../mailbox/plan-delivery.ts';
import type { AddressOfRecordOptions } from './address-of-record.ts';
import { addressOfRecordKind, noNews } from './address-of-record.ts';
import { CopyRemover } from './copy-remover.ts';
import type { LocalOwner } from './mailbox-news-desk.ts';

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
/** Mailboxes looked into at the same time when a shard comes. */
const lookers = 16;

/** This edge's share of the mailboxes: their actors, by leased shards. */
export class MailboxOwner implements LocalOwner, AsyncDisposable {
  private readonly options: MailboxOwnerOptions;
  private readonly system: ActorSystem;
  private readonly actors: Actors<ShardCommand<edge.MailboxNews>, edge.MailboxNoted>;
  private readonly placement: Placement;
  private readonly stream: MessageStream<edge.MailboxMessage>;
  private cancelPatrol: Cancel;
  private isDisposed = false;

  constructor(options: MailboxOwnerOptions) {
    this.options = options;
    const { bus, clock, events, bindings, life, lease } = options;
    this.stream = bus.stream(streams.mailbox, edge.MailboxMessage);
    this.system = new ActorSystem({ clock, observer: events.actors });
    const remover = new CopyRemover(this.stream, () => options.mailboxes.size);
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
      acquired: (ownership) => {
        this.wake(ownership);
      },
    });
    bindings.onBound((account) => {
      this.bound(account);
    });
    this.cancelPatrol = clock.after(patrolInterval, this.patrol);
  }

  async hear(question: edge.MailboxNews): ReturnType<LocalOwner['hear']> {
    const { account } = question;
    const ownership = this.placement.ownership(shardOf(account));
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
    await this.drain();
  }

  /** A device is there: its mail, if any, can go. The watched copy may tell of it before its edge does, or after. */
  private bound(account: string): void {
    const { mailboxes } = this.options;
    if (!mailboxes.hasMail(account) && !this.actors.has(account)) return;
    const ownership = this.placement.ownership(shardOf(account));
    if (ownership !== undefined) this.tell(account, ownership, this.liveDevices(account));
  }

  /**
   * What the last owner left to those who are there: mail that is known of, and mail of which nobody may have heard. The
   * others' waits until they come.
   */
  private wake(ownership: Ownership): void {
    const { mailboxes, bindings } = this.options;
    const live = [...bindings.names()].filter((name) => shardOf(name) === ownership.shard);
    const known = new Set(live.filter((name) => mailboxes.hasMail(name)));
    for (const account of known) this.tell(account, ownership, this.liveDevices(account));
    const others = live.filter((name) => !known.has(name)).values();
    for (let i = 0; i < lookers; i++) void this.lookInto(others, ownership);
  }

  private async lookInto(accounts: Iterator<string>, ownership: Ownership): Promise<void> {
    for (let next = accounts.next(); next.done !== true && ownership.isValid(); next = accounts.next()) {
      const first = await this.stream.next(mailboxSubject(next.value), 1);
      if (!first.ok || first.value !== undefined) this.tell(next.value, ownership, this.liveDevices(next.value));
    }
  }

  private liveDevices(account: string): readonly string[] {
    return [...byDevice(this.options.bindings.live(account)).keys()];
  }

  private tell(account: string, ownership: Ownership, registered: readonly string[]): void {
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
      const ownership = mailboxes.hasMail(account) ? this.placement.ownership(shardOf(account)) : undefined;
      if (ownership !== undefined) await this.actors.ask(account, commandOf(noNews(account), ownership), patience);
    }
    if (this.placement.isValid(0)) await devices.sweep();
  }
}

function commandOf(question: edge.MailboxNews, ownership: Ownership): ShardCommand<edge.MailboxNews> {
  return { question, ownership, deadline: 0, trace: undefined };
}
