import type { SipResponse } from '@parley/sip';
import { reasonPhrase } from '@parley/sip';
import { fateOf } from '../mailbox/fate.ts';
import { bestResponse } from './best-response.ts';
import { withChallenges } from './merge-challenges.ts';

/**
 * What goes back of several refusals of a request other than INVITE; undefined: nobody was reached, and that is ours to
 * say. 503 of a device says nothing of us, and RFC 4320 §4.2 knows no 408 here.
 *
 * @spec RFC 3261 §16.7 (6)
 */
export function finalResponse(refusals: readonly SipResponse[]): SipResponse | undefined {
  const [first, ...others] = refusals;
  const best = first && bestResponse([first, ...others]);
  if (best === undefined || fateOf(best.statusCode) === 'unreached') return undefined;
  if (best.statusCode === 401 || best.statusCode === 407) {
    return withChallenges(
      best,
      refusals.filter(({ statusCode }) => statusCode === 401 || statusCode === 407),
    );
  }
  return best.statusCode === 503 ? { ...best, statusCode: 500, reasonPhrase: reasonPhrase(500) } : best;
}
