import type { MsrpRequestHead } from '@parley/msrp';
import { nicknameOf, responseTo, serialiseResponse } from '@parley/msrp';
import type { FocusDesk } from '../adapters/focus-desk.ts';
import type { NicknameClient } from '../adapters/nickname-client.ts';
import type { Outlet } from '../hub/outlet.ts';
import type { Session } from '../hub/session.ts';
import type { NicknameFailure } from '../nickname/nickname-code.ts';
import { nicknameCode, nicknameFailure } from '../nickname/nickname-code.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Answers NICKNAME: those of one session one after the other, so that the last one asked for is the one that stays.
 *
 * @spec draft-ietf-simple-chat-03 §7; RFC 7701 §7
 */
export class NicknameDesk {
  private readonly around: Surroundings;
  private readonly client: NicknameClient;
  private readonly focus: FocusDesk;

  constructor(around: Surroundings, client: NicknameClient, focus: FocusDesk) {
    this.around = around;
    this.client = client;
    this.focus = focus;
  }

  take(outlet: Outlet, session: Session, request: MsrpRequestHead): void {
    const nickname = nicknameOf(request);
    if (!session.hub.policy.nicknames) this.fail(outlet, request, 'switched-off');
    else if (!nickname.ok) this.fail(outlet, request, 'malformed');
    else if (session.waitingNicknames >= this.around.limits.waitingNicknames) this.fail(outlet, request, 'no-answer');
    else {
      session.waitingNicknames++;
      session.nicknames = session.nicknames
        .then(() => this.reserve(outlet, session, request, nickname.value))
        .finally(() => session.waitingNicknames--);
    }
  }

  private async reserve(outlet: Outlet, session: Session, request: MsrpRequestHead, wanted: string): Promise<void> {
    if (session.life === 'ended') return;
    const granted = await this.client.reserve(session, wanted);
    if (!granted.ok) {
      this.fail(outlet, request, nicknameFailure(granted.error.status));
      return;
    }
    if (isGone(session)) {
      await this.client.reserve(session, '');
      return;
    }
    this.answer(outlet, request, 200);
    session.hub.rename(session.terms.identity, granted.value);
    this.focus.nicknameChanged(session, granted.value);
  }

  private fail(outlet: Outlet, request: MsrpRequestHead, failure: NicknameFailure): void {
    this.answer(outlet, request, nicknameCode(failure, this.around.dialect));
  }

  private answer(outlet: Outlet, request: MsrpRequestHead, code: number): void {
    this.around.events.nicknameAnswered(code);
    // RFC 4975 §10.7 has another meaning for the code that draft-03 §7.1 took.
    const comment = code === 423 ? 'Nickname usage failed; the nickname is not allocated to this user' : undefined;
    if (outlet.isOpen) outlet.send(serialiseResponse(responseTo(request, code, comment)));
  }
}

/** Whether the user left while the nickname was on its way: nobody would ever give it back. */
function isGone({ life, hub, terms }: Session): boolean {
  if (life !== 'ended') return false;
  return ![...hub.sessions.values()].some((other) => other.terms.identity === terms.identity);
}
