import { err, ok, transportFailure } from '@parley/prelude';
import { SimulatedClock } from '@parley/testing';
import { advancePlacement, holds, initialPlacement, nextTick, placementRules } from '../../src/index.ts';
import type {
  LeaseEntry,
  LeaseWrite,
  PlacementEffect,
  PlacementInput,
  PlacementState,
  WriteEffect,
} from '../../src/index.ts';

const lease = 9000;

/** A seeded source of delays and losses (a linear congruential generator), so that a run can be repeated. */
class Dice {
  private state: number;
  constructor(seed: number) {
    this.state = seed >>> 0;
  }
  below(limit: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * limit);
  }
}

/** What the store keeps of a key: a record, or the mark of its deletion. */
interface Kept {
  readonly key: string;
  readonly revision: number;
  readonly entry: LeaseEntry | undefined;
}

/** The bucket as a NATS server keeps it, with a clock that is the true time. */
class Bucket {
  private readonly kept = new Map<string, Kept>();
  private readonly watchers = new Set<(kept: Kept) => void>();
  private revision = 0;
  /** Every write, as it is on disk. */
  private readonly log: Kept[] = [];
  private readonly clock: SimulatedClock;
  constructor(clock: SimulatedClock) {
    this.clock = clock;
  }
  write({ key, order }: WriteEffect): LeaseWrite {
    const expected = order.kind === 'create' ? undefined : order.revision;
    if (this.kept.get(key)?.entry?.revision !== expected) return err({ kind: 'LeaseConflict', key });
    const revision = ++this.revision;
    const record = order.kind === 'delete' ? undefined : order.record;
    const kept = { key, revision, entry: record && { key, record, revision, storedAt: this.clock.now() } };
    this.kept.set(key, kept);
    this.log.push(kept);
    for (const tell of this.watchers) tell(kept);
    return ok(revision);
  }
  list(): readonly LeaseEntry[] {
    return [...this.kept.values()].flatMap(({ entry }) => entry ?? []);
  }
  /** The newest of each key in the order of revisions, as a new watch has it. */
  snapshot(): readonly Kept[] {
    return [...this.kept.values()].sort((a, b) => a.revision - b.revision);
  }
  /** Goes back to what was there after so many writes. */
  lose(after: number): void {
    for (const { key } of this.kept.values()) this.kept.delete(key);
    for (const kept of this.log.slice(0, after)) this.kept.set(kept.key, kept);
    this.log.length = Math.min(this.log.length, after);
    this.revision = this.log.length;
  }
  watch(tell: (kept: Kept) => void): void {
    this.watchers.add(tell);
  }
}

/** One instance: the core, a clock that drifts, and an inbox that fills while the process is stopped. */
export class Instance {
  readonly name: string;
  state: PlacementState;
  fate: 'running' | 'paused' | 'dead' = 'running';
  /** What its hooks were told, in order. */
  readonly log: string[] = [];
  private readonly cluster: Cluster;
  private readonly rate: number;
  private inbox: (() => PlacementInput)[] = [];

  constructor(cluster: Cluster, name: string, rate: number) {
    this.cluster = cluster;
    this.name = name;
    this.rate = rate;
    this.state = initialPlacement({ ...placementRules('focus', name, lease), shards: cluster.shards }, this.now());
    this.take(() => ({ kind: 'tick', now: this.now() }));
    cluster.bucket.watch((kept) => {
      this.hear(this.watch, () => {
        this.tell(kept);
      });
    });
    this.beginWatch(() => {
      this.take(() => ({ kind: 'ready', now: this.now() }));
    });
  }

  /** Revisions that it was told of, by key. */
  private readonly known = new Map<string, number>();
  private watch = 0;
  private heardUntil = 0;

  /** Reads a new snapshot after an interruption, with which what was on its way is lost; keys that are not there are gone. */
  beginWatch(synced = (): void => {}): void {
    const watch = ++this.watch;
    this.heardUntil = 0;
    this.hear(watch, () => {
      const snapshot = this.cluster.bucket.snapshot();
      const unseen = new Set(this.known.keys());
      for (const kept of snapshot) {
        unseen.delete(kept.key);
        this.hear(watch, () => {
          this.tell(kept);
        });
      }
      this.hear(watch, () => {
        for (const key of unseen) this.tellAbsent(key);
        synced();
      });
    });
  }

  /** In the order of the store, after a delay. */
  private hear(watch: number, then: () => void): void {
    const { clock } = this.cluster;
    this.heardUntil = Math.max(this.heardUntil, clock.now() + this.cluster.delay() / 4);
    clock.after(this.heardUntil - clock.now(), () => {
      if (watch === this.watch) then();
    });
  }

  /** As an adapter of the port does: a revision that falls is of another store. */
  private tell({ key, revision, entry }: Kept): void {
    const known = this.known.get(key);
    if (known === revision) return;
    if (known !== undefined && revision < known) this.tellAbsent(key);
    if (entry === undefined) {
      if (!this.known.delete(key)) return;
      this.take(() => ({ kind: 'deleted', now: this.now(), key, revision }));
    } else {
      this.known.set(key, revision);
      this.take(() => ({ kind: 'told', now: this.now(), entry }));
    }
  }

  private tellAbsent(key: string): void {
    this.known.delete(key);
    this.take(() => ({ kind: 'deleted', now: this.now(), key, revision: undefined }));
  }

  /** Its own idea of the time: 1 % off at most. */
  now(): number {
    return 1_000_000 + this.cluster.clock.now() * this.rate;
  }

  owns(shard: number): boolean {
    const at = this.state.shards[shard];
    return this.fate !== 'dead' && at?.kind === 'owned' && holds(this.state, shard, at.epoch, this.now());
  }

  get owned(): number[] {
    return this.state.shards.flatMap((_, shard) => (this.owns(shard) ? [shard] : []));
  }

  resume(): void {
    if (this.fate !== 'paused') return;
    this.fate = 'running';
    const waiting = this.inbox;
    this.inbox = [];
    for (const input of waiting) this.take(input);
    this.take(() => ({ kind: 'tick', now: this.now() }));
  }

  /** Hands an input to the core when the process runs; its time is the time at which it is handled. */
  take(input: () => PlacementInput): void {
    if (this.fate === 'dead') return;
    if (this.fate === 'paused') {
      this.inbox.push(input);
      return;
    }
    const [state, effects] = advancePlacement(this.state, input());
    this.state = state;
    this.cluster.check(this);
    for (const effect of effects) this.perform(effect);
    this.sleep();
  }

  private sleep(): void {
    if (this.state.phase === 'gone') return;
    const state = this.state;
    this.cluster.clock.after(Math.max(1, (nextTick(state) - this.now()) / this.rate), () => {
      if (this.state === state) this.take(() => ({ kind: 'tick', now: this.now() }));
    });
  }

  private perform(effect: PlacementEffect): void {
    if (effect.kind === 'write') this.write(effect);
    else if (effect.kind === 'acquired') this.log.push(`acquired ${effect.shard}`);
    else if (effect.kind === 'lost') {
      this.log.push(`lost ${effect.shard} ${effect.reason}`);
      this.cluster.clock.after(this.cluster.dice.below(200), () => {
        this.take(() => ({ kind: 'handed-over', now: this.now(), shard: effect.shard, epoch: effect.epoch }));
      });
    } else this.log.push('gone');
  }

  private write(effect: WriteEffect): void {
    this.cluster.request(
      () => this.cluster.bucket.write(effect),
      (written = err(transportFailure('no answer', true))) => {
        const outcome = written.ok
          ? { kind: 'done' as const, revision: written.value }
          : { kind: written.error.kind === 'LeaseConflict' ? ('conflict' as const) : ('unknown' as const) };
        this.take(() => ({ kind: 'wrote', now: this.now(), effect, outcome }));
      },
    );
  }
}

/** Instances, a bucket, and a network between them that delays and, in a hundredth of the cases, loses. */
export class Cluster {
  readonly clock = new SimulatedClock();
  readonly bucket = new Bucket(this.clock);
  readonly dice: Dice;
  readonly shards: number;
  readonly instances: Instance[] = [];
  /** Per mille of requests whose question or answer is lost. */
  loss = 0;
  static readonly lease = lease;

  constructor(seed: number, shards = 12) {
    this.dice = new Dice(seed);
    this.shards = shards;
  }

  join(): Instance {
    const rate = 0.99 + this.dice.below(21) / 1000;
    const instance = new Instance(this, `focus-${this.dice.below(1000)}-${this.instances.length}`, rate);
    this.instances.push(instance);
    return instance;
  }

  pause(instance: Instance, milliseconds: number): void {
    if (instance.fate !== 'running') return;
    instance.fate = 'paused';
    this.clock.after(milliseconds, () => {
      instance.resume();
    });
  }

  /** Performs at the store after a while and answers after another; undefined when the network lost it. */
  request<Answer>(question: () => Answer, answered: (answer: Answer | undefined) => void): void {
    const lost = this.dice.below(1000) < this.loss ? this.dice.below(2) : undefined;
    this.clock.after(this.delay(), () => {
      const answer = lost === 0 ? undefined : question();
      const isLost = lost !== undefined;
      this.clock.after(isLost ? lease / 2 : this.delay(), () => {
        answered(isLost ? undefined : answer);
      });
    });
  }

  /** Mostly quick; now and then, where the network is bad, as long as an adapter waits. */
  delay(): number {
    return this.loss > 0 && this.dice.below(20) === 0 ? this.dice.below(lease / 4) : this.dice.below(120);
  }

  /** The store loses all but its first writes, and everybody looks anew. */
  lose(after: number): void {
    this.isForgetful = true;
    this.bucket.lose(after);
    for (const instance of this.instances) instance.beginWatch();
  }

  get active(): Instance[] {
    return this.instances.filter(({ fate, state }) => fate === 'running' && state.phase === 'active');
  }

  /** Epochs alone protect where the store forgets what it confirmed. */
  isForgetful = false;

  /** @throws Error when another instance holds a shard of this one */
  check(instance: Instance): void {
    if (this.isForgetful) return;
    for (const shard of instance.owned)
      for (const other of this.instances)
        if (other !== instance && other.owns(shard)) throw new Error(`${shard}: ${instance.name} and ${other.name}`);
  }

  /** Shards that nobody holds. */
  get orphans(): number[] {
    const owned = new Set(this.instances.flatMap((instance) => instance.owned));
    return Array.from({ length: this.shards }, (_, shard) => shard).filter((shard) => !owned.has(shard));
  }
}
