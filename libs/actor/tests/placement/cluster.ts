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

/** The bucket as a NATS server keeps it, with a clock that is the true time. */
class Bucket {
  private readonly records = new Map<string, LeaseEntry & { until: number }>();
  private revision = 0;
  private readonly clock: SimulatedClock;
  constructor(clock: SimulatedClock) {
    this.clock = clock;
  }
  write(key: string, owner: string, { order, epoch, draining }: WriteEffect): LeaseWrite {
    const live = this.live(key);
    const expected = order.kind === 'create' ? undefined : order.revision;
    if (live?.revision !== expected) return err({ kind: 'LeaseConflict', key });
    const revision = ++this.revision;
    if (order.kind === 'delete') this.records.delete(key);
    else {
      const record = { owner, epoch, expiresAt: 0, ...(draining && { draining: true as const }) };
      this.records.set(key, { key, record, revision, until: this.clock.now() + lease });
    }
    return ok(revision);
  }
  list(): LeaseEntry[] {
    return [...this.records.keys()].flatMap((key) => this.live(key) ?? []);
  }
  private live(key: string): LeaseEntry | undefined {
    const entry = this.records.get(key);
    return entry !== undefined && this.clock.now() < entry.until ? entry : undefined;
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
    this.cluster.check();
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
    if (effect.kind === 'look') {
      this.cluster.request(
        () => this.cluster.bucket.list(),
        (entries) => {
          if (entries !== undefined) this.take(() => ({ kind: 'listed', now: this.now(), entries }));
        },
      );
    } else if (effect.kind === 'write') this.write(effect);
    else if (effect.kind === 'acquired') this.log.push(`acquired ${effect.shard}`);
    else if (effect.kind === 'lost') {
      this.log.push(`lost ${effect.shard} ${effect.reason}`);
      this.cluster.clock.after(this.cluster.dice.below(200), () => {
        this.take(() => ({ kind: 'handed-over', now: this.now(), shard: effect.shard, epoch: effect.epoch }));
      });
    } else this.log.push('gone');
  }

  private write(effect: WriteEffect): void {
    const key = effect.target.kind === 'shard' ? `focus.shard.${effect.target.shard}` : `focus.instance.${this.name}`;
    this.cluster.request(
      () => this.cluster.bucket.write(key, this.name, effect),
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
  private delay(): number {
    return this.loss > 0 && this.dice.below(20) === 0 ? this.dice.below(lease / 4) : this.dice.below(120);
  }

  get active(): Instance[] {
    return this.instances.filter(({ fate, state }) => fate === 'running' && state.phase === 'active');
  }

  /** @throws Error when two instances hold one shard */
  check(): void {
    for (let shard = 0; shard < this.shards; shard++) {
      const owners = this.instances.filter((instance) => instance.owns(shard));
      if (owners.length > 1) throw new Error(`shard ${shard} has owners ${owners.map(({ name }) => name).join(', ')}`);
    }
  }

  /** Shards that nobody holds. */
  get orphans(): number[] {
    const owned = new Set(this.instances.flatMap((instance) => instance.owned));
    return Array.from({ length: this.shards }, (_, shard) => shard).filter((shard) => !owned.has(shard));
  }
}
