import { ok } from '@parley/prelude';
import { field } from '@parley/sip';
import type { HeaderDefinition } from '@parley/sip';

/** Via as text, for the one that we write ourselves. */
export const rawVia: HeaderDefinition<string> = {
  name: 'Via',
  id: field.via.id,
  compact: 'v',
  list: true,
  parse: (text) => ok(text),
  serialise: (text) => text,
};
