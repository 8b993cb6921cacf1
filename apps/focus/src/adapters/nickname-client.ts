import { shardOf } from '@parley/actor';
import type { Bus } from '@parley/bus';
import { rpc, shardSubject } from '@parley/contracts';
import type { Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';

/** Milliseconds: longer than the lease of a nickname instance that died. */
const patience = 15_000;

/** Lets go of nicknames whose holders have left. */
export class NicknameClient {
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly random: Random;

  constructor(bus: Bus, clock: Clock, random: Random) {
    this.bus = bus;
    this.clock = clock;
    this.random = random;
  }

  /** Whether it was released. */
  async release(scope: string, holder: string): Promise<boolean> {
    const commandId = randomToken(this.random, 16);
    const command = { commandId, scope, command: { kind: 'release', value: { holder } } } as const;
    const deadline = this.clock.now() + patience;
    const reply = await this.bus.request(shardSubject('nickname', shardOf(scope)), rpc.nickname, command, { deadline });
    return reply.ok && reply.value.outcome?.kind !== 'refusal';
  }
}
