import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the sources in C. */
export const sourceFolder = fileURLToPath(new URL('.', import.meta.url));

const cache = fileURLToPath(new URL('../../../../../node_modules/.cache/parley-native/', import.meta.url));

/** The sources in C, in the order of their names. */
export function sourceFiles(): string[] {
  return readdirSync(sourceFolder)
    .filter((name) => /\.[ch]$/.test(name))
    .sort();
}

/** Where the add-on made of these very sources, for this Node on this machine, is or would be. */
export function nativeFolder(): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.versions.modules}`);
  for (const name of sourceFiles()) hash.update(name).update(readFileSync(`${sourceFolder}${name}`));
  return `${cache}${hash.digest('hex').slice(0, 16)}`;
}

/** The add-on in its folder. */
export const nativeFile = 'sockets.node';
