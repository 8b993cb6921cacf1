import type { Result } from '@parley/prelude';
import { err, transportFailure } from '@parley/prelude';
import { ActorCell } from './actor-cell.ts';
import type { CellEnvironment } from './actor-cell.ts';
import type { ActorKind } from './actor-kind.ts';
import { openReplySlot } from './reply-slot.ts';
import type { AskFailure, ReplySlot } from './reply-slot.ts';

/** All actors of one kind, by identity; the first message to an identity wakes it. */
export interface Actors<Message, Reply = void> {
  readonly kind: string;
  /** Actors in memory. */
  readonly size: number;
  /** Whether the identity is in memory. */
  has(identity: string): boolean;
  /** Fire and forget. False when the message went to the dead letters instead. */
  tell(identity: string, message: Message): boolean;
  /** Asks for an answer; `timeout` in milliseconds, default 5000. Never rejects. */
  ask(identity: string, message: Message, timeout?: number): Promise<Result<Reply, AskFailure>>;
  /** Takes an actor out of memory once its message in hand is done; what waits goes to the dead letters. */
  stop(identity: string): Promise<void>;
  /** Does so with all that `matches` picks: those of a shard that another instance takes over, say. */
  stopWhere(matches: (identity: string) => boolean): Promise<void>;
}

/** How long an ask waits when nobody says, milliseconds: below the 8 s after which a device counts as not reached. */
const defaultTimeout = 5000;

/** The cells of a kind; keeps them by identity and lets no new one begin once it drains. */
export class CellDirectory<State, Message, Reply> implements Actors<Message, Reply> {
  private readonly definition: ActorKind<State, Message, Reply>;
  private readonly environment: CellEnvironment;
  private readonly cells = new Map<string, ActorCell<State, Message, Reply>>();
  private draining = false;

  constructor(definition: ActorKind<State, Message, Reply>, environment: CellEnvironment) {
    this.definition = definition;
    this.environment = {
      ...environment,
      closed: (cell) => {
        this.cells.delete(cell.identity);
        environment.closed(cell);
      },
    };
  }

  get kind(): string {
    return this.definition.name;
  }

  get size(): number {
    return this.cells.size;
  }

  has(identity: string): boolean {
    return this.cells.has(identity);
  }

  tell(identity: string, message: Message): boolean {
    return this.deliver(identity, message, undefined);
  }

  ask(identity: string, message: Message, timeout = defaultTimeout): Promise<Result<Reply, AskFailure>> {
    const { slot, answer } = openReplySlot<Reply>(this.environment.clock, `${this.kind} ${identity}`, timeout);
    this.deliver(identity, message, slot);
    return answer;
  }

  async stop(identity: string): Promise<void> {
    await this.cells.get(identity)?.stop('stopped');
  }

  async stopWhere(matches: (identity: string) => boolean): Promise<void> {
    const stops: Promise<void>[] = [];
    for (const [identity, cell] of this.cells) if (matches(identity)) stops.push(cell.stop('stopped'));
    await Promise.all(stops);
  }

  /** Wakes nobody any more; resolves when all have handled their mail and are gone. */
  async drain(): Promise<void> {
    this.draining = true;
    await Promise.all([...this.cells.values()].map((cell) => cell.stop('drained')));
  }

  private deliver(identity: string, message: Message, slot: ReplySlot<Reply> | undefined): boolean {
    const cell = this.cells.get(identity) ?? this.wake(identity);
    if (cell !== undefined) return cell.deliver(message, slot);
    this.environment.deadLetter(this.kind, identity, message, 'draining');
    slot?.settle(err(transportFailure(`${this.kind} ${identity} is not woken while draining`, true)));
    return false;
  }

  private wake(identity: string): ActorCell<State, Message, Reply> | undefined {
    if (this.draining) return undefined;
    const cell = new ActorCell(identity, this.definition, this.environment);
    this.cells.set(identity, cell);
    this.environment.counts.live++;
    return cell;
  }
}
