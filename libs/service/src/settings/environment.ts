import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { Environment } from './setting-table.ts';

/** The process's variables over those of `.env` in a directory, where there is one. */
export function loadEnvironment(directory = process.cwd(), variables: Environment = process.env): Environment {
  return { ...readDotEnv(resolve(directory, '.env')), ...variables };
}

function readDotEnv(path: string): Environment {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR')) return {};
    throw error;
  }
}
