import type { Cancel, Clock, TransportFailure } from '@parley/prelude';
import type { LeaseStore, LeaseWrite } from './lease-store.ts';
import type { Ownership } from './ownership.ts';
import { advancePlacement } from './placement-core.ts';
import type { LossReason, PlacementEffect, PlacementInput, WriteEffect, WriteOutcome } from './placement-input.ts';
import { keyPrefix } from './placement-rules.ts';
import type { PlacementRules } from './placement-rules.ts';
import { holds, initialPlacement, nextTick } from './placement-state.ts';
import type { PlacementState } from './placement-state.ts';

/** What a service does when shards come and go. For one shard the hooks never overlap, and come in order. */
export interface PlacementHooks {
  /**
   * The shard is ours: rewrite its records with the epoch, then subscribe to its subject. The lease runs meanwhile. What it
   * throws or rejects with gives the shard back and keeps this instance from claiming it for one lease.
   */
  onAcquired(ownership: Ownership): void | Promise<void>;
  /** The shard is ours no more: unsubscribe and stop its actors. A yielded shard is free for others when this is done. */
  onLost(shard: number, reason: LossReason): void | Promise<void>;
}

/** Hears what an operator should; must not throw. */
export interface PlacementObserver {
  acquired(ownership: Ownership): void;
  lost(shard: number, epoch: number, reason: LossReason): void;
  storeFailed(failure: TransportFailure): void;
  hookFailed(hook: 'onAcquired' | 'onLost', shard: number, error: unknown): void;
}

/** What a {@link Placement} is built from. */
export interface PlacementOptions {
  readonly rules: PlacementRules;
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly hooks: PlacementHooks;
  readonly observer: PlacementObserver;
}

/** The shell around the core: performs its effects on a store, a clock and the service's hooks. */
export class Placement implements AsyncDisposable {
  private readonly options: PlacementOptions;
  private state: PlacementState;
  /** The input in hand, and those that came of it. */
  private readonly inputs: PlacementInput[] = [];
  private cancelTick: Cancel = () => {};
  private readonly stopWatching: Cancel;
  private readonly hooksOf = new Map<number, Promise<void>>();
  private readonly departure = Promise.withResolvers<undefined>();
  private readonly joinedAt: number;

  /** Joins at once: the first shards come when the store has told of this instance's own lease. */
  constructor(options: PlacementOptions) {
    this.options = options;
    const { rules, store, clock } = options;
    this.joinedAt = clock.now();
    this.state = initialPlacement(rules, this.joinedAt);
    this.stopWatching = store.watch(keyPrefix(rules), {
      told: (entry) => {
        this.take({ kind: 'told', now: clock.now(), entry });
      },
      deleted: (key, revision) => {
        this.take({ kind: 'deleted', now: clock.now(), key, revision });
      },
      ready: () => {
        this.take({ kind: 'ready', now: clock.now() });
      },
    });
    this.take({ kind: 'tick', now: clock.now() });
  }

  /** Whether our lease runs, or may yet be made, having joined less than a lease ago: for probes, not the right to act. */
  get isAlive(): boolean {
    const { clock, rules } = this.options;
    return clock.now() < Math.max(this.state.lease.deadline, this.joinedAt + rules.lease);
  }

  /** Shards that are ours now, ascending. */
  get owned(): readonly number[] {
    return this.state.shards.flatMap((_, shard) => (this.isValid(shard) ? [shard] : []));
  }

  /** Whether a shard is ours now, whichever the epoch. */
  isValid(shard: number): boolean {
    return this.ownership(shard)?.isValid() ?? false;
  }

  /** The right to act for a shard; undefined when it is not ours. */
  ownership(shard: number): Ownership | undefined {
    const at = this.state.shards[shard];
    return at?.kind === 'owned' ? this.ownershipOf(shard, at.epoch) : undefined;
  }

  /** Gives up every shard, then our presence; resolves when all hooks are done. Another call waits for the same. */
  async drain(): Promise<void> {
    this.take({ kind: 'drain', now: this.options.clock.now() });
    await this.departure.promise;
    await Promise.all(this.hooksOf.values());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  private ownershipOf(shard: number, epoch: number): Ownership {
    return { shard, epoch, isValid: () => holds(this.state, shard, epoch, this.options.clock.now()) };
  }

  /** One input after the other: what a store or a hook tells at once waits for the effects before it. */
  private take(input: PlacementInput): void {
    if (this.inputs.push(input) > 1) return;
    for (let next: PlacementInput | undefined = input; next !== undefined; next = this.inputs[0]) {
      const [state, effects] = advancePlacement(this.state, next);
      this.state = state;
      for (const effect of effects) this.perform(effect);
      this.inputs.shift();
    }
    this.sleep();
  }

  private sleep(): void {
    this.cancelTick();
    if (this.state.phase === 'gone') return;
    const { clock } = this.options;
    this.cancelTick = clock.after(Math.max(0, nextTick(this.state) - clock.now()), () => {
      this.take({ kind: 'tick', now: clock.now() });
    });
  }

  private perform(effect: PlacementEffect): void {
    if (effect.kind === 'write') void this.write(effect);
    else if (effect.kind === 'acquired') this.acquired(effect.shard, effect.epoch);
    else if (effect.kind === 'lost') this.lost(effect.shard, effect.epoch, effect.reason);
    else this.gone();
  }

  private async write(effect: WriteEffect): Promise<void> {
    const { clock, store } = this.options;
    const { key, order } = effect;
    const written =
      order.kind === 'create'
        ? await store.create(key, order.record)
        : order.kind === 'update'
          ? await store.update(key, order.record, order.revision)
          : await store.delete(key, order.revision);
    this.take({ kind: 'wrote', now: clock.now(), effect, outcome: this.outcomeOf(written) });
  }

  private outcomeOf(written: LeaseWrite): WriteOutcome {
    if (written.ok) return { kind: 'done', revision: written.value };
    if (written.error.kind === 'LeaseConflict') return { kind: 'conflict' };
    this.options.observer.storeFailed(written.error);
    return { kind: 'unknown' };
  }

  private acquired(shard: number, epoch: number): void {
    const { hooks, observer, clock } = this.options;
    const ownership = this.ownershipOf(shard, epoch);
    observer.acquired(ownership);
    this.inOrder(shard, async () => {
      try {
        await hooks.onAcquired(ownership);
      } catch (error) {
        observer.hookFailed('onAcquired', shard, error);
        this.take({ kind: 'takeover-failed', now: clock.now(), shard, epoch });
      }
    });
  }

  private lost(shard: number, epoch: number, reason: LossReason): void {
    const { hooks, observer, clock } = this.options;
    observer.lost(shard, epoch, reason);
    this.inOrder(shard, async () => {
      try {
        await hooks.onLost(shard, reason);
      } catch (error) {
        observer.hookFailed('onLost', shard, error);
      }
      this.take({ kind: 'handed-over', now: clock.now(), shard, epoch });
    });
  }

  private inOrder(shard: number, hook: () => Promise<void>): void {
    const before = this.hooksOf.get(shard);
    this.hooksOf.set(shard, before === undefined ? hook() : before.then(hook));
  }

  private gone(): void {
    this.stopWatching();
    this.departure.resolve(undefined);
  }
}
