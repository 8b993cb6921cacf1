import type { Cancel, Clock } from '@parley/prelude';
import type { KnownPorts } from '../ports.ts';
import type { Child, ChildCommand, ChildEvents } from './child.ts';
import { begin, step } from './lifecycle.ts';
import type { Lifecycle, LifecycleEffect, LifecycleInput } from './lifecycle.ts';
import type { RestartPolicy } from './restart-policy.ts';

/** What is to be kept running; the command is asked for anew at each start. */
export interface ProcessSpec {
  readonly name: string;
  readonly policy: RestartPolicy;
  command(): ChildCommand;
  /** Takes what the process sends besides that it is ready. */
  hear?(message: unknown): void;
}

/** Who hears what becomes of a process. */
export interface ProcessWatcher {
  onReady(name: string, ports: KnownPorts): void;
  onFailed(name: string, how: string): void;
  onRestart(name: string, how: string, delay: number): void;
  /** The process has another pid now, or none. */
  onPid(): void;
}

/** Starts a process; {@link startChild} outside of tests. */
export type StartChild = (command: ChildCommand, events: ChildEvents) => Child;

/** Keeps one process running until it is stopped: performs what `lifecycle.ts` decides. */
export class SupervisedProcess {
  readonly name: string;
  private state: Lifecycle = { kind: 'stopped' };
  private child: Child | undefined;
  private ports: KnownPorts = {};
  private disarm: Cancel = () => {};
  private readonly stopped = Promise.withResolvers<undefined>();
  private readonly spec: ProcessSpec;
  private readonly watcher: ProcessWatcher;
  private readonly clock: Clock;
  private readonly start: StartChild;

  constructor(spec: ProcessSpec, watcher: ProcessWatcher, clock: Clock, start: StartChild) {
    this.name = spec.name;
    this.spec = spec;
    this.watcher = watcher;
    this.clock = clock;
    this.start = start;
    this.enter(begin(spec.policy));
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Tells the process something; lost when it is not running. */
  send(message: object): void {
    this.child?.send(message);
  }

  /** Drains the process, or kills it at its deadline; resolves when it has gone. */
  async stop(): Promise<void> {
    if (this.state.kind === 'stopped') return;
    this.take({ kind: 'stop' });
    await this.stopped.promise;
  }

  /** Ends the process without draining; its supervisor starts it again unless it is being stopped. */
  kill(): void {
    this.child?.kill();
  }

  private take(input: LifecycleInput): void {
    this.enter(step(this.state, input, this.spec.policy));
  }

  private enter([state, effects]: readonly [Lifecycle, readonly LifecycleEffect[]]): void {
    this.state = state;
    for (const effect of effects) this.perform(effect);
  }

  private perform(effect: LifecycleEffect): void {
    switch (effect.kind) {
      case 'spawn':
        this.spawn();
        return;
      case 'arm':
        this.arm(effect.ms);
        return;
      case 'disarm':
        this.disarm();
        return;
      case 'terminate':
        this.child?.terminate();
        return;
      case 'kill':
        this.child?.kill();
        return;
      case 'tell-ready':
        this.watcher.onReady(this.name, this.ports);
        return;
      case 'tell-failed':
        this.stopped.resolve(undefined);
        this.watcher.onFailed(this.name, effect.how);
        return;
      case 'tell-restart':
        this.watcher.onRestart(this.name, effect.how, effect.delay);
        return;
      case 'tell-stopped':
        this.stopped.resolve(undefined);
    }
  }

  private arm(ms: number): void {
    this.disarm();
    this.disarm = this.clock.after(ms, () => {
      this.take({ kind: 'timer' });
    });
  }

  private spawn(): void {
    this.child = this.start(this.spec.command(), {
      onReady: (ports) => {
        this.ports = ports;
        this.take({ kind: 'ready', now: this.clock.now() });
      },
      onMessage: (message) => this.spec.hear?.(message),
      onExit: (how) => {
        this.child = undefined;
        this.watcher.onPid();
        this.take({ kind: 'exited', now: this.clock.now(), how });
      },
    });
    this.watcher.onPid();
  }
}
