import { ok } from '@parley/prelude';
import type { HeaderDefinition } from '@parley/sip';

/** A header field as text, for values that are serialised already. */
export function rawField(name: string): HeaderDefinition<string> {
  return { name, list: false, parse: (text) => ok(text), serialise: (text) => text };
}
