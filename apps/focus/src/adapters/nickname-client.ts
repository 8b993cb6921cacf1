import { shardOf } from '@parley/actor';
import type { Bus } from '@parley/bus';
import { rpc, shardSubject } from '@parley/contracts';
import type { Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import type { RoomPolicy } from '../room/policy.ts';

/** Milliseconds: longer than the lease of a nickname instance that died. */
const patience = 15_000;

/** Lets go of nicknames whose holders have left. */
export class NicknameClient {
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly chatDomain: string;

  constructor(bus: Bus, clock: Clock, random: Random, chatDomain: string) {
    this.bus = bus;
    this.clock = clock;
    this.random = random;
    this.chatDomain = chatDomain;
  }

  /**
   * Says that a holder has left a room: what it reserves from now on, being back, it keeps.
   *
   * @returns whether it was heard
   */
  async release(room: string, nicknameScope: RoomPolicy['nicknameScope'], holder: string): Promise<boolean> {
    const scope = nicknameScope === 'domain' ? this.chatDomain : room;
    const leftAt = this.clock.wallTime();
    const commandId = randomToken(this.random, 16);
    const command = { commandId, scope, command: { kind: 'release', value: { holder, room, leftAt } } } as const;
    const deadline = this.clock.now() + patience;
    const reply = await this.bus.request(shardSubject('nickname', shardOf(scope)), rpc.nickname, command, { deadline });
    return reply.ok && reply.value.outcome?.kind !== 'refusal';
  }
}
