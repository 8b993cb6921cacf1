import { shardOf } from '@parley/actor';
import type { Bus } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { rpc, shardSubject } from '@parley/contracts';
import type { Clock, Random, Refusal, Result } from '@parley/prelude';
import { err, ok, randomToken, refusal } from '@parley/prelude';
import type { Roster } from '../roster/roster.ts';
import { rosterOf } from './roster-message.ts';

/** Milliseconds for a question: what an edge waits for a SUBSCRIBE, less a little. */
const patience = 7000;
/** Participants of a page: some hundred octets each, of the megabyte that a message of NATS holds. */
const pageSize = 1000;
/** Times that a roster is begun anew, as somebody left between two pages. */
const tries = 5;

/** Asks the focus what a room looks like. */
export class FocusClient {
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly random: Random;

  constructor(bus: Bus, clock: Clock, random: Random) {
    this.bus = bus;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Asks whether somebody may watch a room.
   *
   * @param identity - address-of-record
   * @returns 404 or 403 of the focus, 503 when it does not answer
   */
  async admit(room: string, identity: string): Promise<Result<void, Refusal>> {
    const shown = await this.ask(room, { identity, limit: 0 });
    return shown.ok ? ok(undefined) : shown;
  }

  /**
   * The roster of a room, all of it. Its version is that of the first page: what others show from later ones is told by
   * the events in between, which do no harm when they are told twice.
   *
   * @returns 404 of the focus, 503 when it does not answer
   */
  async show(room: string): Promise<Result<Roster, Refusal>> {
    for (let attempt = 0; attempt < tries; attempt++) {
      const roster = await this.pages(room);
      if (roster.ok || roster.error.status !== 409) return roster;
    }
    return err(unavailable);
  }

  private async pages(room: string): Promise<Result<Roster, Refusal>> {
    const first = await this.ask(room, { identity: '', limit: pageSize });
    if (!first.ok) return first;
    const participants = [...first.value.participants];
    for (let after = first.value.next; after !== undefined;) {
      const page = await this.ask(room, { identity: '', limit: pageSize, after });
      if (!page.ok) return page;
      participants.push(...page.value.participants);
      after = page.value.next;
    }
    return ok(rosterOf({ ...first.value, participants }));
  }

  private async ask(room: string, question: focus.ShowRoom): Promise<Result<focus.Room, Refusal>> {
    const command = {
      commandId: randomToken(this.random, 16),
      room,
      command: { kind: 'show', value: question },
    } as const;
    const deadline = this.clock.now() + patience;
    const reply = await this.bus.request(shardSubject('focus', shardOf(room)), rpc.focus, command, { deadline });
    if (!reply.ok) return err(unavailable);
    const { outcome } = reply.value;
    if (outcome?.kind === 'room') return ok(outcome.value);
    return err(outcome?.kind === 'refusal' ? { kind: 'Refusal', ...outcome.value } : unavailable);
  }
}

const unavailable = refusal(503, 'Service Unavailable', 'the focus of the room does not answer', 5);
