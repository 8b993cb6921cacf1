import { readFileSync } from 'node:fs';

/** Lines of a shared vector that are neither comments nor empty, as pairs split at the tab. */
export function vectorPairs(path: string): [string, string][] {
  const text = readFileSync(new URL(`../../../test/vectors/${path}`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.includes('\t'))
    .map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]);
}
