import { readdirSync, readFileSync } from 'node:fs';

const vectors = new URL('../../../test/vectors/', import.meta.url);

/** Octets of a shared vector, e.g. `rfc4826/valid/3.3-example.xml`. */
export function vector(path: string): Uint8Array {
  return readFileSync(new URL(path, vectors));
}

/** Names of the vectors of a folder, e.g. `rfc4826/invalid`. */
export function vectorsIn(folder: string): readonly string[] {
  return readdirSync(new URL(folder, vectors)).map((name) => `${folder}/${name}`);
}
