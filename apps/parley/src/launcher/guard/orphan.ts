import { readFileSync } from 'node:fs';
import { parseIdentity } from '../data/process-identity.ts';
import type { ProcessIdentity } from '../data/process-identity.ts';
import { allGone } from './wards.ts';

const flushMs = 10_000;

/** Ends the server that a killed guard left behind: two servers on one store would ruin it. */
export async function endOrphan(identityFile: string): Promise<void> {
  const orphan = readIdentity(identityFile);
  if (orphan === undefined) return;
  const kill = setTimeout(() => void allGone([orphan], 0), flushMs);
  await allGone([orphan], 0, 'SIGTERM');
  clearTimeout(kill);
}

function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    return parseIdentity(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
