import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataDir, openDataDir } from '../../../src/launcher/data/data-dir.ts';
import { scratchDir } from '../../fixtures/fleet-process.ts';

let scratch: ReturnType<typeof scratchDir>;

beforeEach(() => {
  scratch = scratchDir();
});

afterEach(() => {
  scratch.remove();
});

describe('the data directory', () => {
  it('is made with the folders above it', () => {
    const dir = dataDir(join(scratch.path, 'one', 'two'));
    openDataDir(dir).release();
    openDataDir(dir).release();
  });

  it('is refused in one line where a file is in its way', () => {
    writeFileSync(join(scratch.path, 'file'), '');
    expect(() => openDataDir(dataDir(join(scratch.path, 'file')))).toThrow(/^PARLEY_DATA_DIR is .* cannot be used/);
    expect(() => openDataDir(dataDir(join(scratch.path, 'file', 'one')))).toThrow(/cannot be used/);
  });

  it.runIf(process.platform === 'linux')('is refused where no folder can be made, without trying for ever', () => {
    expect(() => openDataDir(dataDir('/proc/parley/one'))).toThrow(/cannot be used/);
  });
});
