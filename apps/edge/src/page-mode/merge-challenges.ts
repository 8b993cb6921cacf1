import type { SipResponse } from '@parley/sip';
import { field, readRawAll, withAppended } from '@parley/sip';
import { ok } from '@parley/prelude';
import type { HeaderDefinition } from '@parley/sip';

const names = [field.wwwAuthenticate.name, field.proxyAuthenticate.name];

/** Challenges as text: they pass through unread. */
const asText = (name: string): HeaderDefinition<string> => ({
  name,
  list: false,
  parse: (text) => ok(text),
  serialise: (text) => text,
});

/** The response with the challenges of the others besides its own. @spec RFC 3261 §16.7 step 7 */
export function withChallenges(best: SipResponse, others: readonly SipResponse[]): SipResponse {
  let merged = best;
  for (const other of others) {
    if (other === best) continue;
    for (const name of names) {
      for (const challenge of readRawAll(other, name)) merged = withAppended(merged, asText(name), challenge);
    }
  }
  return merged;
}
