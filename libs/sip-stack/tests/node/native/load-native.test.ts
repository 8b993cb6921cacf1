import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildNative, prove } from '../../../src/node/native/build-native.ts';
import { loadFrom, loadNative } from '../../../src/node/native/load-native.ts';
import { nativeFile, nativeFolder } from '../../../src/node/native/native-file.ts';
import { socketKinds } from '../support.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-native-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** An add-on that is no good. */
function compile(source: string): string {
  const file = join(folder, nativeFile);
  writeFileSync(join(folder, 'bad.c'), source);
  const { status } = spawnSync('cc', ['-shared', '-fPIC', '-o', file, join(folder, 'bad.c')]);
  expect(status).toBe(0);
  return file;
}

describe('the add-on', () => {
  it('is not used when it is switched off', () => {
    expect(loadNative('off')).toEqual({ native: undefined, reason: 'switched off' });
  });

  it('is done without where it was not built', () => {
    const { native, reason } = loadFrom(folder);
    expect(native).toBeUndefined();
    expect(reason).toMatch(/^not built/);
  });

  it('is done without where its file is none', () => {
    writeFileSync(join(folder, nativeFile), 'not a library');
    const { native, reason } = loadFrom(folder);
    expect(native).toBeUndefined();
    expect(reason).not.toBe('');
  });
});

if (socketKinds.length > 1) {
  describe('building the add-on', () => {
    it('leaves it in a folder named after its sources and this Node, once', () => {
      expect(buildNative()).toEqual({ built: true, reason: '' });
      expect(existsSync(join(nativeFolder(), nativeFile))).toBe(true);
      expect(loadNative('required').native).toBeDefined();
    });

    it('accepts the one it made', () => {
      expect(prove(join(nativeFolder(), nativeFile))).toBeUndefined();
    });

    it('refuses one that crashes, without crashing itself', () => {
      const file = compile('#include <stdlib.h>\n__attribute__((constructor)) static void begin(void) { abort(); }\n');
      expect(prove(file)).toMatch(/SIGABRT/);
    });

    it('refuses one that exports nothing', () => {
      expect(prove(compile('int nothing;\n'))).toMatch(/does not work here/);
    });
  });
}
