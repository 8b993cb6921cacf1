import type { Bus } from '@parley/bus';
import { askOwner } from '@parley/bus';
import { rpc } from '@parley/contracts';
import type { nickname } from '@parley/contracts';
import type { Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import type { HeldNickname } from '../room/decision.ts';
import type { RoomPolicy } from '../room/policy.ts';

/** Milliseconds: longer than the lease of a nickname instance that died. */
const patience = 15_000;

/** Lets go of nicknames whose holders have left, and takes them where their room's scope has changed. */
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
    const leftAt = this.clock.wallTime();
    const outcome = await this.command(room, nicknameScope, { kind: 'release', value: { holder, room, leftAt } });
    return outcome !== undefined && outcome.kind !== 'refusal';
  }

  /**
   * Takes a nickname in a scope that has become the room's.
   *
   * @returns whether it is the holder's there; undefined when nobody says
   */
  async reserve(
    room: string,
    nicknameScope: RoomPolicy['nicknameScope'],
    held: HeldNickname,
  ): Promise<boolean | undefined> {
    const outcome = await this.command(room, nicknameScope, { kind: 'reserve', value: { ...held, room } });
    const isPassing = outcome?.kind === 'refusal' && outcome.value.status >= 500;
    return outcome === undefined || isPassing ? undefined : outcome.kind !== 'refusal';
  }

  private async command(
    room: string,
    nicknameScope: RoomPolicy['nicknameScope'],
    command: NonNullable<nickname.NicknameCommand['command']>,
  ): Promise<nickname.NicknameReply['outcome']> {
    const scope = nicknameScope === 'domain' ? this.chatDomain : room;
    const commandId = randomToken(this.random, 16);
    const deadline = this.clock.now() + patience;
    const question = { commandId, scope, command };
    const reply = await askOwner(this.bus, 'nickname', scope, rpc.nickname, question, { deadline });
    return reply.ok ? reply.value.outcome : undefined;
  }
}
