import { readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Part of the free disk that the store may have; without the rest nothing else here could write a file. */
const partOfFree = 0.75;

/** Least that `PARLEY_STORE_OCTETS` may say: a disk that is full stops mail, not the start. */
const least = 2 ** 20;

/** Octets that the store in `folder` may fill: what it has, and three quarters of what is free. */
export function storeRoom(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return Math.max(least, Math.floor(octetsIn(folder) + bavail * bsize * partOfFree));
}

function octetsIn(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, file) => sum + octetsOf(join(file.parentPath, file.name)), 0);
}

/** Of a file that went meanwhile, 0. */
function octetsOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
