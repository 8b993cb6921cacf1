import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../../../test/vectors/', import.meta.url);

/** A file of octets and what its JSON neighbour says about it. */
export interface Vector<Expected> {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly expected: Expected;
}

/** All vectors of a folder such as `rfc4975/valid`. */
export function vectorsOf<Expected>(folder: string): readonly Vector<Expected>[] {
  const files = readdirSync(new URL(folder, root)).filter((file) => file.endsWith('.msrp'));
  return files.map((file) => ({
    name: file.slice(0, -'.msrp'.length),
    bytes: new Uint8Array(readFileSync(new URL(`${folder}/${file}`, root))),
    // The neighbour is written for this type; a wrong one fails the comparison.
    expected: JSON.parse(readFileSync(new URL(`${folder}/${file.replace(/msrp$/, 'json')}`, root), 'utf8')) as Expected,
  }));
}
