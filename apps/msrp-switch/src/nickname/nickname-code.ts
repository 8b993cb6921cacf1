import type { Dialect } from '../message/route.ts';

/** Why a nickname is not granted. */
export type NicknameFailure = 'switched-off' | 'malformed' | 'taken' | 'no-answer';

/**
 * Code of the response to a NICKNAME that is not granted.
 *
 * @note neither document has a code for a service that does not answer; 408, "Downstream transaction timed out", says
 * what happened, and that the nickname was not refused
 * @spec draft-ietf-simple-chat-03 §7.1 (501, 423); RFC 7701 §7.1 (403, 424, 425); RFC 4975 §10.4 (408)
 */
export function nicknameCode(failure: NicknameFailure, dialect: Dialect): number {
  if (failure === 'no-answer') return 408;
  const isDraft = dialect === 'draft-03';
  switch (failure) {
    case 'switched-off':
      return isDraft ? 501 : 403;
    case 'malformed':
      return isDraft ? 423 : 424;
    case 'taken':
      return isDraft ? 423 : 425;
  }
}

/** What a refusal of the nickname service means. */
export function nicknameFailure(status: number): NicknameFailure {
  if (status === 400) return 'malformed';
  return status >= 500 || status === 408 ? 'no-answer' : 'taken';
}
