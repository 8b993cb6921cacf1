import { readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Part of the free disk that the store may have; without the rest nothing else here could write a file. */
const partOfFree = 0.75;

/**
 * Octets that the store in `folder` may fill: what it has, and three quarters of what is free.
 *
 * Left to itself the server takes three quarters of what is free for all that it may have, and so refuses every
 * write after a restart on a disk of which it fills a good part.
 */
export function storeRoom(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return Math.floor(octetsIn(folder) + bavail * bsize * partOfFree);
}

function octetsIn(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}
