import { Fault } from '@parley/prelude';
import type { Clock } from '@parley/prelude';
import type { CellEnvironment } from './actor-cell.ts';
import type { ActorKind } from './actor-kind.ts';
import { CellDirectory } from './actors.ts';
import type { Actors } from './actors.ts';
import type { ActorCounts, ActorObserver, Crash, DeadLetterReason } from './observer.ts';
import { RunQueue } from './run-queue.ts';

/** What an {@link ActorSystem} is built from. */
export interface ActorSystemOptions {
  readonly clock: Clock;
  readonly observer: ActorObserver;
  /**
   * The answer to an escalated crash. By default the crash is thrown as a Fault outside any actor, so that the process
   * ends with it and its successor starts from the store.
   */
  readonly escalate?: (crash: Crash) => void;
}

/** Milliseconds that {@link ActorSystem.drain} waits before it drops the mail that is left. */
const drainLimit = 10_000;

/** The actors of one worker. They share a run queue, a clock, an observer, and nothing else. */
export class ActorSystem implements AsyncDisposable {
  private readonly environment: CellEnvironment;
  private readonly directories: { drain(): Promise<void>; stopWhere(matches: () => boolean): Promise<void> }[] = [];
  private readonly kinds = new Set<string>();
  private readonly seen: ActorCounts = { live: 0, delivered: 0, crashed: 0, restarted: 0, stopped: 0, deadLetters: 0 };

  constructor({ clock, observer, escalate = throwOutside }: ActorSystemOptions) {
    const counts = this.seen;
    this.environment = {
      clock,
      counts,
      runQueue: new RunQueue(),
      deadLetter(kind: string, identity: string, message: unknown, reason: DeadLetterReason) {
        counts.deadLetters++;
        observer.deadLetter({ kind, identity, message, reason });
      },
      crashed(crash) {
        counts.crashed++;
        observer.crashed(crash);
        if (crash.directive === 'escalate') escalate(crash);
      },
      closed() {
        counts.live--;
        counts.stopped++;
      },
    };
  }

  /** What the system has seen; for gauges and counters. */
  get counts(): Readonly<ActorCounts> {
    return this.seen;
  }

  /**
   * Introduces a kind and returns the door to its actors.
   *
   * @throws Fault when the name is taken
   */
  register<State, Message, Reply = void>(kind: ActorKind<State, Message, Reply>): Actors<Message, Reply> {
    if (this.kinds.has(kind.name)) throw new Fault(`actor kind ${kind.name} is registered twice`);
    this.kinds.add(kind.name);
    const directory = new CellDirectory(kind, this.environment);
    this.directories.push(directory);
    return directory;
  }

  /**
   * Lets every actor handle the mail that waits and then leave; new ones are not woken.
   *
   * @param limit - milliseconds after which the mail that is left goes to the dead letters, and what hangs is left behind
   */
  async drain(limit = drainLimit): Promise<void> {
    const limited = Promise.withResolvers<undefined>();
    const cancel = this.environment.clock.after(limit, () => {
      for (const directory of this.directories) void directory.stopWhere(() => true);
      limited.resolve(undefined);
    });
    await Promise.race([limited.promise, Promise.all(this.directories.map((directory) => directory.drain()))]);
    cancel();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }
}

function throwOutside(crash: Crash): void {
  queueMicrotask(() => {
    throw new Fault(`${crash.kind} ${crash.identity} escalated`, { cause: crash.error });
  });
}
