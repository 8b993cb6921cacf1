import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../src/index.ts';

describe('the environment', () => {
  it('is the process’s over that of .env', () => {
    const directory = mkdtempSync(join(tmpdir(), 'parley-env-'));
    writeFileSync(join(directory, '.env'), '# note\nPARLEY_DOMAIN="example.net"\nPARLEY_LOG=debug\n');
    expect(loadEnvironment(directory, { PARLEY_LOG: 'warn' })).toEqual({
      PARLEY_DOMAIN: 'example.net',
      PARLEY_LOG: 'warn',
    });
  });

  it('does without .env', () => {
    expect(loadEnvironment(mkdtempSync(join(tmpdir(), 'parley-env-')), { A: '1' })).toEqual({ A: '1' });
  });
});
