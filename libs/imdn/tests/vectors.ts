import { readdirSync, readFileSync } from 'node:fs';

const folder = (kind: 'valid' | 'invalid') => new URL(`../../../test/vectors/rfc5438/${kind}/`, import.meta.url);

/** Octets of one file. */
export function vector(kind: 'valid' | 'invalid', name: string): Uint8Array {
  return readFileSync(new URL(name, folder(kind)));
}

/** Names of all files with this ending. */
export function vectors(kind: 'valid' | 'invalid', ending: string): readonly string[] {
  return readdirSync(folder(kind)).filter((name) => name.endsWith(ending));
}
