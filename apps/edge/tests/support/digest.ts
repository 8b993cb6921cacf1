import { field, readRawAll } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import { credentials } from '@parley/sip-stack';
import { nodeDigestHash } from '@parley/sip-stack/node';
import { algorithmOf } from '@parley/sip-stack';

/** A name and the password that goes with it. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** The line that answers the challenge of a 401 or 407, by the algorithm asked for. */
export function answerTo(
  response: SipResponse,
  method: string,
  requestUri: string,
  login: Login,
  { algorithm = 'SHA-256', count = 1 } = {},
): string {
  const definition = response.statusCode === 401 ? field.wwwAuthenticate : field.proxyAuthenticate;
  const challenges = readRawAll(response, definition.name).flatMap((text) => {
    const parsed = definition.parse(text);
    return parsed.ok && parsed.value.kind === 'digest' ? [parsed.value] : [];
  });
  const challenge = challenges.find((offered) => offered.algorithm === algorithm);
  const known = algorithmOf(algorithm, nodeDigestHash);
  if (challenge === undefined || known === undefined) throw new Error(`no challenge with ${algorithm}`);
  const nc = count.toString(16).padStart(8, '0');
  const value = credentials(challenge, login, known, { method, requestUri, nc, cnonce: 'tests' });
  const answer = response.statusCode === 401 ? field.authorization : field.proxyAuthorization;
  return `${answer.name}: ${answer.serialise(value)}`;
}
