import { ok } from '@parley/prelude';
import type { HeaderDefinition } from '@parley/sip';

function raw(name: string): HeaderDefinition<string> {
  return { name, list: true, parse: (text) => ok(text), serialise: (text) => text };
}

/** Route as text, for values that a device registered as its Path. */
export const rawRoute: HeaderDefinition<string> = raw('Route');

/** Record-Route as text, for the values that we write ourselves. */
export const rawRecordRoute: HeaderDefinition<string> = raw('Record-Route');

/** Via as text, for values that are put back as they came. */
export const rawVia: HeaderDefinition<string> = raw('Via');
