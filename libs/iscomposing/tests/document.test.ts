import { readdirSync, readFileSync } from 'node:fs';
import { encodeUtf8, unwrap } from '@parley/prelude';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IsComposing } from '../src/index.ts';
import { isComposingNamespace, readIsComposing, serialiseIsComposing } from '../src/index.ts';

const folder = (kind: string) => new URL(`../../../test/vectors/rfc3994/${kind}/`, import.meta.url);
const vector = (kind: string, name: string) => readFileSync(new URL(name, folder(kind)));

describe('a status message (RFC 3994 §6)', () => {
  it.each<readonly [string, IsComposing]>([
    ['5-active.xml', { state: 'active', contentType: 'text/plain', refresh: 90 }],
    ['5-idle.xml', { state: 'idle', lastActive: '2003-01-27T10:43:00Z', contentType: 'audio' }],
    ['liblinphone-active.xml', { state: 'active', refresh: 60 }],
    ['odd-values.xml', { state: 'active' }],
  ])('says what it says: %s', (name, expected) => {
    expect(unwrap(readIsComposing(vector('valid', name)))).toEqual(expected);
  });

  it('MUST be treated as idle in a state that nobody knows, and MAY hold extensions (§3.5)', () => {
    expect(unwrap(readIsComposing(vector('valid', 'unknown-state.xml')))).toEqual({ state: 'idle' });
  });

  it.each(readdirSync(folder('invalid')))('is refused: %s', (name) => {
    expect(readIsComposing(vector('invalid', name)).ok).toBe(false);
  });

  it('is written in the order of the schema, and read back as it was written', () => {
    const message = { state: 'idle', lastActive: '2003-01-27T10:43:00Z', contentType: 'audio', refresh: 1 } as const;
    expect(Buffer.from(serialiseIsComposing(message)).toString()).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>\n<isComposing xmlns="${isComposingNamespace}"><state>idle</state>` +
        '<lastactive>2003-01-27T10:43:00Z</lastactive><contenttype>audio</contenttype><refresh>1</refresh></isComposing>\n',
    );
    const any: fc.Arbitrary<IsComposing> = fc.record(
      {
        state: fc.constantFrom('idle', 'active'),
        lastActive: fc.constantFrom('2003-01-27T10:43:00Z', '2026-11-21T10:00:00.5+01:00'),
        contentType: fc.stringMatching(/^[!-~é]{1,20}$/),
        refresh: fc.integer({ min: 1, max: 999_999_999 }),
      },
      { requiredKeys: ['state'] },
    );
    fc.assert(
      fc.property(any, (value) => {
        expect(unwrap(readIsComposing(serialiseIsComposing(value)))).toEqual(value);
      }),
    );
  });

  it('is small, and no input makes reading throw', () => {
    expect(readIsComposing(encodeUtf8(`<isComposing xmlns="${isComposingNamespace}">${' '.repeat(9000)}`)).ok).toBe(
      false,
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(readIsComposing(bytes).ok).toBe(false);
      }),
    );
  });
});
