import type { Clock } from '@parley/prelude';
import { LaunchError } from './launch-error.ts';
import type { Logger } from './logger.ts';
import type { KnownPorts, PortName } from './ports.ts';
import { SupervisedProcess } from './supervision/supervised-process.ts';
import type { ProcessSpec, ProcessWatcher, StartChild } from './supervision/supervised-process.ts';

/** What a fleet needs of its surroundings. */
export interface FleetContext {
  readonly clock: Clock;
  readonly start: StartChild;
  readonly logger: Logger;
  /** Ports that are chosen by settings, so that nobody has to wait for them to be told. */
  readonly chosen: KnownPorts;
  /** Hears that some process has another pid now. */
  readonly onPidChange: () => void;
}

interface Waiter {
  readonly names: readonly PortName[];
  readonly resolve: () => void;
}

/** The processes of one installation and the ports that they have told so far. */
export class Fleet {
  private readonly members = new Map<string, SupervisedProcess>();
  private readonly firstStarts = new Map<string, PromiseWithResolvers<undefined>>();
  private waiters: readonly Waiter[] = [];
  private known: KnownPorts;
  private isDraining = false;
  private readonly context: FleetContext;

  constructor(context: FleetContext) {
    this.context = context;
    this.known = context.chosen;
  }

  /** Ports that are known by now; a process that starts again is given its own, so that no listener moves. */
  get ports(): KnownPorts {
    return this.known;
  }

  member(name: string): SupervisedProcess | undefined {
    return this.members.get(name);
  }

  /** Pids of what runs, but for the process called `except`. */
  pidsBut(except: string): readonly number[] {
    return [...this.members.values()].flatMap(({ name, pid }) => (name === except ? [] : (pid ?? [])));
  }

  /** Starts a process and keeps it running; resolves when it is ready, rejects when its first start fails. */
  async add(spec: ProcessSpec): Promise<void> {
    if (this.isDraining) throw new LaunchError(`${spec.name} is not started: everything is being stopped`);
    const first = Promise.withResolvers<undefined>();
    this.firstStarts.set(spec.name, first);
    this.members.set(spec.name, new SupervisedProcess(spec, this.watcher(), this.context.clock, this.context.start));
    this.context.onPidChange();
    await first.promise;
  }

  /** Resolves when the ports of all of `names` are known. */
  told(names: readonly PortName[]): Promise<void> {
    return new Promise((resolve) => {
      this.waiters = [...this.waiters, { names, resolve }];
      this.wake();
    });
  }

  /** Drains the processes one after the other in the order of `names`; the last one is gone when it resolves. */
  async drain(names: readonly string[]): Promise<void> {
    this.isDraining = true;
    for (const name of names) await this.members.get(name)?.stop();
  }

  /** Ends at once what is called `names`, for somebody who does not want to wait for {@link drain}. */
  kill(names: readonly string[]): void {
    for (const name of names) this.members.get(name)?.kill();
  }

  private watcher(): ProcessWatcher {
    const { logger, onPidChange } = this.context;
    return {
      onPid: onPidChange,
      onReady: (name, ports) => {
        logger.debug({ part: name, ports }, 'ready');
        this.known = { ...this.known, ...ports };
        this.firstStarts.get(name)?.resolve(undefined);
        this.wake();
      },
      onFailed: (name, how) => {
        this.firstStarts.get(name)?.reject(new LaunchError(`${name} did not start (${how}); its own words are above`));
      },
      onRestart: (name, how, delay) => {
        logger.warn({ part: name, how, delay }, `${name} ended (${how}); starting it again in ${delay} ms`);
      },
    };
  }

  private wake(): void {
    const isMet = ({ names }: Waiter): boolean => names.every((name) => this.known[name] !== undefined);
    const met = this.waiters.filter(isMet);
    this.waiters = this.waiters.filter((waiter) => !isMet(waiter));
    for (const { resolve } of met) resolve();
  }
}
