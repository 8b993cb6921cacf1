import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = resolve(import.meta.dirname, '../src');

/** All files that an entry reaches inside the project. */
function reached(entry: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const [, path] of readFileSync(entry, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
    reached(join(dirname(entry), path ?? ''), seen);
  }
  return seen;
}

describe('the main and the testing entry', () => {
  it.each(['index.ts', 'testing.ts'])('%s reaches no file that imports Node, so that it runs in a browser', (entry) => {
    const files = [...reached(join(src, entry))];
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => readFileSync(file, 'utf8').includes("from 'node:"))).toEqual([]);
  });

  it('index.ts reaches every file of the pure folders', () => {
    const files = reached(join(src, 'index.ts'));
    for (const folder of ['transactions', 'transaction-layer', 'dialogs', 'digest']) {
      const missing = readdirSync(join(src, folder)).filter((name) => !files.has(join(src, folder, name)));
      expect(missing).toEqual([]);
    }
  });
});
