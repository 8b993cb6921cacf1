import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { dataDir } from '../../launcher/data/data-dir.ts';

const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
const portsFile = v.object({ http: v.optional(port), sip: v.optional(port), sips: v.optional(port) });

/** Ports of a running installation that the command line uses. */
export type RunningPorts = v.InferOutput<typeof portsFile>;

/** What the data directory says of the `npm start` that runs in it; undefined when none does. */
export function runningPorts(path: string): RunningPorts | undefined {
  const text = readIfThere(join(path, 'ports.json'));
  if (text === undefined) return undefined;
  try {
    return v.parse(portsFile, JSON.parse(text));
  } catch {
    return undefined; // written by a version that is not ours
  }
}

/** The admin token that the launcher made; undefined when there is none, or it is not ours to read. */
export function storedToken(path: string): string | undefined {
  const token = readIfThere(dataDir(path).adminToken)?.trim();
  return token === '' ? undefined : token;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
