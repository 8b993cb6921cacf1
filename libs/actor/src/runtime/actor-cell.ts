import { err, refusal } from '@parley/prelude';
import type { Clock } from '@parley/prelude';
import type { ActorKind } from './actor-kind.ts';
import { ActorLife } from './actor-life.ts';
import type { ActorHome } from './actor-life.ts';
import { Departure } from './departure.ts';
import type { Leaving } from './departure.ts';
import { Mailbox } from './mailbox.ts';
import type { ActorCounts, Crash, CrashPhase, DeadLetterReason } from './observer.ts';
import { disappoint } from './reply-slot.ts';
import type { ReplySlot } from './reply-slot.ts';
import type { Runnable, RunQueue } from './run-queue.ts';
import { restartThenStop, supervise } from './supervision.ts';
import type { RestartHistory } from './supervision.ts';

/** What a cell needs of its system. */
export interface CellEnvironment {
  readonly clock: Clock;
  readonly runQueue: RunQueue;
  readonly counts: ActorCounts;
  deadLetter(kind: string, identity: string, message: unknown, reason: DeadLetterReason): void;
  crashed(crash: Crash): void;
  /** The cell is out of use; its identity may be given to a new one. */
  closed(cell: { readonly identity: string }): void;
}

/**
 * - `new`: nothing loaded. `loading`: waits for the stored state, or for the pause before a restart.
 * - `open`: handles messages. `busy`: an asynchronous behaviour holds the mailbox.
 * - `closing`: the stopping hook runs. `closed`: out of use.
 */
type Phase = 'new' | 'loading' | 'open' | 'busy' | 'closing' | 'closed';

/** One actor: its mailbox, its phase, and the life that it lives now. Lifecycle requests overtake the mailbox. */
export class ActorCell<State, Message, Reply> implements Runnable, ActorHome<Message> {
  readonly identity: string;
  readonly clock: Clock;
  private readonly kind: ActorKind<State, Message, Reply>;
  private readonly environment: CellEnvironment;
  private readonly mailbox: Mailbox<Message, Reply>;
  private phase: Phase = 'new';
  private life: ActorLife<State, Message, Reply> | undefined;
  private readonly departure = new Departure();
  private history: RestartHistory = [];
  private queued = false;
  /** Whether a message came since the idle timer looked last. */
  private touched = false;

  constructor(identity: string, kind: ActorKind<State, Message, Reply>, environment: CellEnvironment) {
    this.identity = identity;
    this.kind = kind;
    this.environment = environment;
    this.clock = environment.clock;
    this.mailbox = new Mailbox(kind.mailboxLimit ?? 1000);
  }

  /** Puts a message into the mailbox; false when it is full, which is then on record. */
  deliver(message: Message, slot: ReplySlot<Reply> | undefined, own = false): boolean {
    if (this.mailbox.push(message, slot, own)) {
      this.touched = true;
      this.enqueue();
      return true;
    }
    this.environment.deadLetter(this.kind.name, this.identity, message, 'mailbox-full');
    slot?.settle(err(refusal(503, 'Service Unavailable', `mailbox of ${this.kind.name} ${this.identity} is full`, 1)));
    return false;
  }

  deliverToSelf(message: Message, own: boolean): void {
    this.deliver(message, undefined, own);
  }

  sleepSoon(): void {
    this.leave('asleep');
  }

  finishedSome(): void {
    if (this.departure.draining) this.enqueueLeaving();
  }

  /** Asks the actor to leave memory; resolves once it has. The message in hand is finished first. */
  stop(how: 'drained' | 'stopped'): Promise<void> {
    if (this.phase === 'closed') return Promise.resolve();
    const gone = this.departure.whenGone();
    this.leave(how);
    return gone;
  }

  run(budget: number): number {
    this.queued = false;
    if (this.phase === 'new') this.load();
    let done = 0;
    while (done < budget && this.phase === 'open' && this.mailbox.length > 0 && !this.departure.pressing) {
      done++;
      this.mailbox.shift(this.handle);
    }
    this.environment.counts.delivered += done;
    this.proceed();
    return done;
  }

  /** Goes on with whatever is next: leaving, or the mailbox. */
  private proceed(): void {
    if (this.phase === 'open' && (this.departure.pressing || this.isDrained())) this.close();
    else if (this.mailbox.length > 0) this.enqueue();
  }

  private isDrained(): boolean {
    return this.departure.draining && this.mailbox.length === 0 && this.life?.unfinished !== true;
  }

  private enqueue(): void {
    if (this.queued || (this.phase !== 'open' && this.phase !== 'new')) return;
    this.queued = true;
    this.environment.runQueue.add(this);
  }

  private readonly handle = (message: Message, slot: ReplySlot<Reply> | undefined): void => {
    const life = this.life;
    if (life === undefined) return;
    life.begin(slot);
    try {
      const outcome = this.kind.receive(life, message);
      if (outcome instanceof Promise) this.holdUntil(life, outcome);
      else life.finish();
    } catch (error) {
      this.fail('receiving', error);
    }
  };

  private holdUntil(life: ActorLife<State, Message, Reply>, work: Promise<void>): void {
    this.phase = 'busy';
    work.then(
      () => {
        life.finish();
        this.phase = 'open';
        this.proceed();
      },
      (error: unknown) => {
        this.fail('receiving', error);
      },
    );
  }

  private load(): void {
    this.phase = 'loading';
    try {
      const state = this.kind.load(this.identity);
      if (state instanceof Promise) this.openWhen(state);
      else this.open(state);
    } catch (error) {
      this.fail('loading', error);
    }
  }

  private openWhen(work: Promise<State>): void {
    work.then(
      (state) => {
        this.open(state);
      },
      (error: unknown) => {
        if (this.phase === 'loading') this.fail('loading', error);
      },
    );
  }

  private open(state: State): void {
    if (this.phase !== 'loading') return;
    this.life = new ActorLife(this, state);
    this.phase = 'open';
    try {
      this.kind.started?.(this.life);
    } catch (error) {
      this.fail('started', error);
      return;
    }
    this.watchIdleness(this.life);
    this.proceed();
  }

  private watchIdleness(life: ActorLife<State, Message, Reply>): void {
    const { idleAfter = Infinity } = this.kind;
    if (idleAfter === Infinity) return;
    this.touched = false;
    life.watchIdleness(idleAfter, () => {
      const idle = !this.touched && this.phase === 'open' && this.mailbox.length === 0;
      this.touched = false;
      if (idle && !life.expectant) this.leave('asleep');
    });
  }

  private leave(how: Leaving): void {
    this.departure.request(how);
    this.enqueueLeaving();
    // What is not loaded has nothing to finish; a load that is under way is not waited for.
    if ((this.phase === 'new' || this.phase === 'loading') && this.departure.final) this.closed();
  }

  private enqueueLeaving(): void {
    if (this.queued || this.phase !== 'open') return;
    this.queued = true;
    this.environment.runQueue.add(this);
  }

  private close(): void {
    const life = this.life;
    if (life === undefined) return;
    this.phase = 'closing';
    void this.stopAndClose(life);
  }

  private async stopAndClose(life: ActorLife<State, Message, Reply>): Promise<void> {
    try {
      await this.kind.stopping?.(life);
    } catch (error) {
      this.observe('stopping', error, 'stop');
    }
    this.closed();
  }

  private closed(): void {
    this.endLife();
    if (!this.departure.final && this.mailbox.length > 0) {
      this.wakeAgain();
      return;
    }
    this.phase = 'closed';
    while (this.mailbox.length > 0) {
      this.mailbox.shift((message, slot) => {
        this.bury(message, slot);
      });
    }
    this.environment.closed(this);
    this.departure.gone();
  }

  private wakeAgain(): void {
    this.departure.wake();
    this.phase = 'new';
    this.enqueue();
  }

  private bury(message: Message, slot: ReplySlot<Reply> | undefined): void {
    this.environment.deadLetter(this.kind.name, this.identity, message, 'stopped');
    disappoint(slot, `${this.kind.name} ${this.identity} stopped`);
  }

  private endLife(): void {
    this.life?.end();
    this.life = undefined;
  }

  private fail(phase: CrashPhase, error: unknown): void {
    const rules = this.kind.supervision ?? restartThenStop;
    const [history, { directive, delay }] = supervise(rules, this.history, error, this.clock.now());
    this.history = history;
    this.life?.finish(error);
    const loaded = phase === 'receiving';
    const applied = directive === 'resume' && !loaded ? 'stop' : directive;
    this.observe(phase, error, applied);
    if (applied === 'resume') this.resume();
    else if (applied === 'restart') this.restart(delay);
    else {
      this.departure.request('stopped');
      this.closed();
    }
  }

  private observe(phase: CrashPhase, error: unknown, directive: Crash['directive']): void {
    this.environment.crashed({ kind: this.kind.name, identity: this.identity, phase, error, directive });
  }

  private resume(): void {
    this.phase = 'open';
    this.proceed();
  }

  private restart(delay: number): void {
    this.environment.counts.restarted++;
    this.endLife();
    this.phase = 'loading';
    if (this.departure.final) this.closed();
    else if (delay === 0) this.load();
    else
      this.clock.after(delay, () => {
        if (this.phase === 'loading') this.load();
      });
  }
}
