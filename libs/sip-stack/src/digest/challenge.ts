import { field } from '@parley/sip';
import type { DigestChallenge, RawField } from '@parley/sip';

/** Who asks: a UAS by 401, or a proxy by 407. @spec RFC 3261 §22.2, §22.3 */
export type Challenger = 'uas' | 'proxy';

/** What is asked. */
export interface ChallengeOptions {
  readonly realm: string;
  readonly nonce: string;
  /** Most wanted first. @spec RFC 8760 §2.3 */
  readonly algorithms: readonly string[];
  /** The credentials were right but for their nonce. @spec RFC 7616 §3.3 */
  readonly stale?: boolean;
}

/** Status of the response that carries the challenge. */
export function challengeStatus(challenger: Challenger): 401 | 407 {
  return challenger === 'uas' ? 401 : 407;
}

/** Challenges in the order of their algorithms, one header field each; all carry the same nonce. @spec RFC 8760 §2.3 */
export function challenge(challenger: Challenger, options: ChallengeOptions): readonly RawField[] {
  const definition = challenger === 'uas' ? field.wwwAuthenticate : field.proxyAuthenticate;
  return options.algorithms.map((algorithm): RawField => {
    const value: DigestChallenge = {
      kind: 'digest',
      realm: options.realm,
      nonce: options.nonce,
      qop: ['auth'],
      algorithm,
      ...(options.stale === true ? { stale: true } : {}),
      parameters: noChallengeParameters,
    };
    return [definition.name, definition.serialise(value)];
  });
}

const noChallengeParameters: ReadonlyMap<string, string> = new Map<string, string>();
