import { ok } from '@parley/prelude';
import type { HeaderDefinition } from '@parley/sip';

/** Via as text. */
export const rawVia: HeaderDefinition<string> = {
  name: 'Via',
  list: true,
  parse: (text) => ok(text),
  serialise: (text) => text,
};
