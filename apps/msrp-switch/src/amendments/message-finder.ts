import type { Bus } from '@parley/bus';
import type { history } from '@parley/contracts';
import { instanceSubject, rpc } from '@parley/contracts';
import type { Clock } from '@parley/prelude';
import type { AmendedHistory, InView } from '../history/amended-history.ts';
import type { HistoryDesk } from '../history/history-desk.ts';
import type { Hub } from '../hub/hub.ts';
import type { KnownMessage } from './known-message.ts';
import { merged } from './known-message.ts';
import type { KnownMessages } from './known-messages.ts';

/** Milliseconds that another switch of the room has to say what it knows. */
const patience = 1000;

/** Where messages are known. */
export interface Knowledge {
  readonly bus: Bus;
  readonly clock: Pick<Clock, 'now'>;
  readonly known: KnownMessages;
  readonly history: AmendedHistory;
  readonly desk: Pick<HistoryDesk, 'written'>;
}

/** Who is asked first: this switch remembers, so do the others of the room, and after days the history does. */
export class MessageFinder {
  private readonly knowledge: Knowledge;

  constructor(knowledge: Knowledge) {
    this.knowledge = knowledge;
  }

  /**
   * All messages that are called so.
   *
   * @param to - key of the recipient of a private message; empty: the room
   * @param isEnough - whether the history need not be asked
   * @returns undefined when the history cannot be read, or not be written by a switch that was asked
   */
  async find(
    hub: Hub,
    to: string,
    name: string,
    isEnough: (found: readonly KnownMessage[]) => boolean,
  ): Promise<readonly KnownMessage[] | undefined> {
    const { known, history, desk } = this.knowledge;
    const { room, policy } = hub;
    const here = known.find({ room, to }, name);
    const elsewhere = await Promise.all([...hub.peers.keys()].map((peer) => this.ask(peer, room, to, name)));
    if (elsewhere.includes(undefined)) return undefined;
    const found = merged([here, ...elsewhere.flatMap((some) => (some === undefined ? [] : [some]))]);
    if (to !== '' || policy.history === 0 || isEnough(found)) return found;
    await desk.written(room);
    const kept = await history.find(room, name, viewOf(hub));
    return kept.ok ? merged([found, kept.value]) : undefined;
  }

  private async ask(
    instance: string,
    room: string,
    to: string,
    name: string,
  ): Promise<readonly KnownMessage[] | undefined> {
    const { bus, clock } = this.knowledge;
    const subject = instanceSubject('msrp-switch', instance, 'history');
    const command = { kind: 'find', value: { name, to } } as const;
    const reply = await bus.request(subject, rpc.history, { room, command }, { deadline: clock.now() + patience });
    const outcome = reply.ok ? reply.value.outcome : undefined;
    if (outcome?.kind === 'refusal' && outcome.value.status === 503) return undefined;
    return outcome?.kind === 'found' ? outcome.value.items.map(knownMessageOf) : [];
  }
}

/** What of the history of a room may be seen. */
export function viewOf({ policy }: Hub): InView {
  return { kept: policy.history, since: policy.since };
}

function knownMessageOf({ messageId, sender, at, names, recalled }: history.KnownMessage): KnownMessage {
  return { messageId, sender, at, names, isRecalled: recalled };
}

/** What this switch remembers, for another one of the room. */
export function foundHere(
  known: KnownMessages,
  room: string,
  { name, to }: history.FindMessage,
): history.MessagesFound {
  const items = known.find({ room, to }, name).map(({ isRecalled: recalled, messageId, sender, at, names }) => ({
    ...{ messageId, sender, at, recalled },
    names: [...names],
  }));
  return { items };
}
