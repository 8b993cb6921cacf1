import { refusal } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import type { Origin } from '../../privacy/asserted-identity.ts';
import { canGrant, privacyWish, veiled } from '../../privacy/privacy-service.ts';
import type { Responder } from '../entry/responder.ts';

/** What is needed to let requests pass. */
export interface PassingOptions {
  readonly responder: Pick<Responder, 'refuse' | 'veils'>;
  /** Whether a request notifies in the name of another. */
  readonly isForged: (request: SipRequest, origin: Origin) => boolean;
}

/**
 * The request as those behind us may see it; undefined where it may not pass, which its sender has been told.
 *
 * @spec RFC 5438 §14, REQ-DISNOT-8 (a disposition notification is of who was authenticated)
 */
export function letPass(
  transaction: ServerTransaction,
  came: SipRequest,
  origin: Origin,
  { responder, isForged }: PassingOptions,
): SipRequest | undefined {
  if (!isForged(came, origin)) return veil(transaction, came, origin, responder);
  responder.refuse(transaction, notTheirs);
  return undefined;
}

/** For users of ours alone: others have a privacy service of their own. @spec RFC 3323 §5 */
function veil(
  transaction: ServerTransaction,
  request: SipRequest,
  origin: Origin,
  responder: PassingOptions['responder'],
): SipRequest | undefined {
  const wish = privacyWish(request);
  if (wish === undefined || origin.account === '') return request;
  const isGranted = canGrant(wish, request);
  if (wish.critical && !isGranted) {
    responder.refuse(transaction, notPrivate);
    return undefined;
  }
  if (isGranted) responder.veils.note(transaction, request);
  return veiled(request, wish);
}

const notPrivate = refusal(500, 'Server Internal Error', 'what dialogs need cannot be kept private here');
const notTheirs = refusal(403, 'Forbidden', 'expected the notification to be from who sends it');
