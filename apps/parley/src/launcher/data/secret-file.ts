import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** A secret kept in a file that only its owner can read. */
export interface Secret {
  readonly value: string;
  /** Made by this very call, not found. */
  readonly isNew: boolean;
}

/** Octets of randomness in a generated secret: more than anybody can guess over a network or a disk. */
const strength = 24;

/** The secret in `file`, made on first use. */
export function keepSecret(file: string): Secret {
  const found = readSecret(file);
  if (found !== undefined) {
    chmodSync(file, 0o600);
    return { value: found, isNew: false };
  }
  const value = randomBytes(strength).toString('base64url');
  const next = `${file}.${process.pid}`;
  writeFileSync(next, `${value}\n`, { mode: 0o600 });
  renameSync(next, file);
  return { value, isNew: true };
}

function readSecret(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
