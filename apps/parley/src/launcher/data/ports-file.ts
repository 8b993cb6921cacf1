import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { portNames } from '../ports.ts';
import type { KnownPorts } from '../ports.ts';

const fileIn = (dataDir: string): string => join(dataDir, 'ports.json');

/** Writes ports.json whole or not at all, for programs that look for a running installation. */
export function writePortsFile(dataDir: string, ports: KnownPorts): void {
  const next = `${fileIn(dataDir)}.${process.pid}`;
  const listed = portNames.flatMap((name) => (ports[name] === undefined ? [] : [[name, ports[name]]]));
  writeFileSync(next, `${JSON.stringify(Object.fromEntries(listed))}\n`);
  renameSync(next, fileIn(dataDir));
}

/** Takes ports.json away: it tells of a running installation only. */
export function removePortsFile(dataDir: string): void {
  rmSync(fileIn(dataDir), { force: true });
}
