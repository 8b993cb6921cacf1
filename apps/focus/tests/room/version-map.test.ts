import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MapIndex } from '../../src/room/version-map.ts';
import { VersionMap } from '../../src/room/version-map.ts';

/** Knows the sum of all values, and nothing else. */
class Sum implements MapIndex<number> {
  total = 0;

  change(_: string, before = 0, after = 0): void {
    this.total += after - before;
  }
}

const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(fc.nat(), { nil: undefined })));

/** Versions by one step each, and what plain maps say that they are. */
function history(
  changes: readonly (readonly [string, number | undefined])[],
): readonly [VersionMap<number, Sum>[], Map<string, number>[]] {
  const versions = [VersionMap.of<number, Sum>([['a', 1]], () => new Sum())];
  const models = [new Map([['a', 1]])];
  for (const [id, value] of changes) {
    versions.push(versions.at(-1)!.with(id, value));
    const model = new Map(models.at(-1));
    if (value === undefined) model.delete(id);
    else model.set(id, value);
    models.push(model);
  }
  return [versions, models];
}

describe('a map of versions', () => {
  it('is in each version what it was, however many came after it', () => {
    fc.assert(
      fc.property(steps, (changes) => {
        const [versions, models] = history(changes);
        for (const [at, version] of versions.entries()) {
          const model = models[at]!;
          expect(new Map(version)).toEqual(model);
          expect(version.size).toBe(model.size);
          for (const id of 'abcd') expect([version.get(id), version.has(id)]).toEqual([model.get(id), model.has(id)]);
          expect(version.index.total).toBe([...model.values()].reduce((sum, value) => sum + value, 0));
        }
        expect([...versions.at(-1)!.keys()]).toEqual([...models.at(-1)!.keys()]);
      }),
    );
  });

  it('tells what may have changed from one version to a later one, and nothing of strangers', () => {
    fc.assert(
      fc.property(steps, fc.nat(), fc.nat(), (changes, one, another) => {
        const [versions] = history(changes);
        const [from, to] = [one % versions.length, another % versions.length].sort((a, b) => a - b) as [number, number];
        const changed = versions[from]!.changedUntil(versions[to]);
        expect(changed).toEqual(new Set(changes.slice(from, to).map(([id]) => id)));
        if (from < to) expect(versions[to]!.changedUntil(versions[from])).toBeUndefined();
      }),
    );
  });

  it('has branches: a change of an older version leaves the newer ones alone', () => {
    const [[first, second]] = history([['b', 2]]);
    const branch = first!.with('c', 3);
    expect([...branch]).toEqual([
      ['a', 1],
      ['c', 3],
    ]);
    expect([...second!.keys()]).toEqual(['a', 'b']);
    expect(first!.changedUntil(branch)).toBeUndefined();
    expect([branch.index.total, second!.index.total]).toEqual([4, 3]);
  });
});
