import type { Bus } from '@parley/bus';
import { askOwner } from '@parley/bus';
import { rpc } from '@parley/contracts';
import type { Refusal, Result } from '@parley/prelude';
import { err, ok, randomToken, refusal } from '@parley/prelude';
import type { Surroundings } from '../actors/surroundings.ts';
import type { Session } from '../hub/session.ts';

/** Asks the nickname service, which alone knows who holds what. */
export class NicknameClient {
  private readonly bus: Bus;
  private readonly around: Surroundings;
  private readonly chatDomain: string;

  constructor(bus: Bus, around: Surroundings, chatDomain: string) {
    this.bus = bus;
    this.around = around;
    this.chatDomain = chatDomain;
  }

  /**
   * Takes a nickname for the session's user; an empty one only lets go of the old one.
   *
   * @returns the nickname as others will see it; a refusal of the service, or 408 when it does not answer
   */
  async reserve({ hub, terms }: Session, nickname: string): Promise<Result<string, Refusal>> {
    const { clock, random, limits } = this.around;
    const scope = hub.policy.nicknameScope === 'domain' ? this.chatDomain : hub.room;
    const { identity: holder, participant } = terms;
    const reply = await askOwner(
      this.bus,
      'nickname',
      scope,
      rpc.nickname,
      {
        commandId: randomToken(random, 16),
        scope,
        command: { kind: 'reserve', value: { nickname, holder, participant, room: hub.room } },
      },
      { deadline: clock.now() + limits.nicknameTime },
    );
    if (!reply.ok) return err(refusal(408, 'No Answer', reply.error.message));
    const { outcome } = reply.value;
    if (outcome?.kind === 'reserved') return ok(outcome.value.nickname);
    if (outcome?.kind === 'refusal') return err({ kind: 'Refusal', ...outcome.value });
    return err(refusal(408, 'No Answer', 'the nickname service answered amiss'));
  }
}
