import type { ActorObserver, PlacementObserver } from '@parley/actor';
import type { BusFailure } from '@parley/bus';
import type { Logger } from 'pino';
import type { ListJob } from './lists/list-job.ts';
import type { BindingChange } from './location/binding-book.ts';

/** What happens at an edge and is worth a line: one function per business event. */
export class EdgeEvents {
  private readonly log: Logger;

  constructor(log: Logger) {
    this.log = log;
  }

  registered(account: string, { stored, removed }: BindingChange): void {
    this.log.debug({ account, stored: stored.length, removed: removed.length }, 'registered');
  }

  flowLost(bindings: number, reason: string | undefined): void {
    this.log.debug({ bindings, reason }, 'connection closed, its bindings ended');
  }

  /** The keys of the issuer of bearer tokens could not be had. */
  issuerSilent(issuer: string, cause: unknown): void {
    this.log.warn({ issuer, err: cause }, 'no keys of the token issuer');
  }

  /** Wrong passwords have locked something. */
  guessed(what: string, account: string, address: string, seconds: number): void {
    this.log.warn({ what, account, address, seconds }, 'locked after wrong passwords');
  }

  flowSilent(flow: string, accounts: ReadonlySet<string>): void {
    this.log.debug({ flow, accounts: accounts.size }, 'promised keep-alives do not come, the bindings of the flow end');
  }

  accountMade(account: string): void {
    this.log.info({ account }, 'account made');
  }

  newcomer(account: string): void {
    this.log.debug({ account }, 'account made for who came without one');
  }

  accountRemoved(account: string): void {
    this.log.info({ account }, 'account removed');
  }

  mailboxCleared(account: string): void {
    this.log.info({ account }, 'mailbox cleared');
  }

  initialAccountsFailed(failure: BusFailure): void {
    this.log.error({ err: failure }, 'initial accounts could not be made');
  }

  roomUnreachable(room: string, failure: BusFailure): void {
    this.log.warn({ room, reason: failure.reason }, 'no focus answered');
  }

  bindingsNotEnded(failure: BusFailure, account: string): void {
    this.log.warn({ account, reason: failure.reason }, 'bindings of a removed account are still stored');
  }

  listMade(list: string): void {
    this.log.info({ list }, 'list made');
  }

  listRemoved(list: string): void {
    this.log.info({ list }, 'list removed');
  }

  listMessageAccepted({ id, sender, list, copies, settled }: ListJob): void {
    this.log.info({ id, sender, list, copies: copies.length, leftOut: settled.length }, 'message to a list accepted');
  }

  /** A message to a list waits for its store, or met a bug of ours. */
  listJobStuck(id: string, error: unknown): void {
    this.log.warn({ id, err: error }, 'message to a list waits');
  }

  certificateUnusable(error: unknown): void {
    this.log.error({ err: error }, 'TLS certificate could not be read again; the old one stays');
  }

  /** UDP and TCP cost several times as much this way. */
  withoutNativeSockets(reason: string): void {
    this.log.info({ reason }, 'UDP and TCP go through the sockets of Node');
  }

  mailboxNotEmptied(failure: BusFailure, account: string): void {
    this.log.warn({ account, reason: failure.reason }, 'mailbox of a removed account is still stored');
  }

  /** The store did not take or give something; it is tried again. */
  mailboxStuck(account: string, error: unknown): void {
    this.log.warn({ account, err: error }, 'mailbox waits for its store');
  }

  /** What goes wrong among the actors of mailboxes. */
  get actors(): ActorObserver {
    return {
      crashed: ({ kind, identity, phase, error, directive }) => {
        this.log.error({ err: error, kind, identity, phase, directive }, 'actor failed');
      },
      deadLetter: ({ kind, identity, reason }) => {
        this.log.debug({ kind, identity, reason }, 'message reached nobody');
      },
    };
  }

  /** Shards of mailboxes that come and go. */
  get placement(): PlacementObserver {
    return {
      acquired: ({ shard, epoch }) => {
        this.log.debug({ shard, epoch }, 'shard acquired');
      },
      lost: (shard, epoch, reason) => {
        this.log.debug({ shard, epoch, reason }, 'shard lost');
      },
      storeFailed: (failure) => {
        this.log.warn({ failure: failure.message }, 'lease store did not answer');
      },
      hookFailed: (hook, shard, error) => {
        this.log.error({ err: error, hook, shard }, 'takeover failed');
      },
    };
  }

  /** A bug of ours: the request is answered 500 and the edge goes on. */
  fault(method: string, error: unknown): void {
    this.log.error({ method, err: error }, 'fault while taking a request');
  }

  draining(requests: number): void {
    this.log.info({ requests }, 'draining');
  }
}
