import { shardOf } from '@parley/actor';
import type { Bus } from '@parley/bus';
import { rpc, shardSubject } from '@parley/contracts';
import type { Clock, Random, Refusal, Result } from '@parley/prelude';
import { err, ok, randomToken, refusal } from '@parley/prelude';
import type { Roster } from '../roster/roster.ts';
import { rosterOf } from './roster-message.ts';

/** Milliseconds for a question: what an edge waits for a SUBSCRIBE, less a little. */
const patience = 7000;

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
   * Shows a room.
   *
   * @param identity - address-of-record of who wants to see it; empty: this service
   * @returns 404 or 403 of the focus, 503 when it does not answer
   */
  async show(room: string, identity: string): Promise<Result<Roster, Refusal>> {
    const commandId = randomToken(this.random, 16);
    const command = { commandId, room, command: { kind: 'show', value: { identity } } } as const;
    const deadline = this.clock.now() + patience;
    const reply = await this.bus.request(shardSubject('focus', shardOf(room)), rpc.focus, command, { deadline });
    if (!reply.ok) return err(unavailable);
    const { outcome } = reply.value;
    if (outcome?.kind === 'room') return ok(rosterOf(outcome.value));
    return err(outcome?.kind === 'refusal' ? { kind: 'Refusal', ...outcome.value } : unavailable);
  }
}

const unavailable = refusal(503, 'Service Unavailable', 'the focus of the room does not answer', 5);
