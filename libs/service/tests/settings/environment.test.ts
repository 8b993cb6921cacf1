import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../src/index.ts';

describe('the environment', () => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'parley-env-'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('is the process’s over that of .env', () => {
    writeFileSync(join(directory, '.env'), '# note\nPARLEY_DOMAIN="example.net"\nPARLEY_LOG=debug\n');
    expect(loadEnvironment(directory, { PARLEY_LOG: 'warn' })).toEqual({
      PARLEY_DOMAIN: 'example.net',
      PARLEY_LOG: 'warn',
    });
  });

  it('does without .env', () => {
    expect(loadEnvironment(join(directory, 'nobody'), { A: '1' })).toEqual({ A: '1' });
  });
});
