import { shardOf } from '@parley/actor';
import type { Bus } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { rpc, shardSubject } from '@parley/contracts';
import type { Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';

/** Milliseconds for a page of a roster. */
const patience = 5000;
/** Participants of a page: some hundred octets each, of the megabyte that a message of NATS holds. */
const pageSize = 1000;

/** Asks the focus who is in a room. */
export class FocusClient {
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly random: Random;

  constructor(bus: Bus, clock: Clock, random: Random) {
    this.bus = bus;
    this.clock = clock;
    this.random = random;
  }

  /** Whether somebody in a room has this nickname; undefined when the focus does not say. */
  async isUsed(room: string, nickname: string): Promise<boolean | undefined> {
    let after: string | undefined;
    do {
      const outcome = await this.page(room, after);
      if (outcome?.kind === 'refusal' && outcome.value.status === 404) return false;
      if (outcome?.kind !== 'room') return undefined;
      if (outcome.value.participants.some((participant) => participant.nickname === nickname)) return true;
      after = outcome.value.next;
    } while (after !== undefined);
    return false;
  }

  private async page(room: string, after: string | undefined): Promise<focus.FocusReply['outcome']> {
    const value = { identity: '', limit: pageSize, after };
    const command = { commandId: randomToken(this.random, 16), room, command: { kind: 'show', value } } as const;
    const deadline = this.clock.now() + patience;
    const reply = await this.bus.request(shardSubject('focus', shardOf(room)), rpc.focus, command, { deadline });
    return reply.ok ? reply.value.outcome : undefined;
  }
}
