import { readFileSync } from 'node:fs';

const root = new URL('../../../test/vectors/', import.meta.url);

/** Octets of a shared vector. */
export function vector(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(path, root)));
}

/** Lines of a shared vector that are neither comments nor empty, split at tabs. */
export function vectorRows(path: string): string[][] {
  const lines = readFileSync(new URL(path, root), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('# ')).map((line) => line.split('\t'));
}

/** Text as octets, one per character. */
export function octets(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** Octets as text, one character each. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
