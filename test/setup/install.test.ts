import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureInstalled } from '../../.config/setup/install.mjs';

let root: string;
let said: string[];

const installed = (): number => readFileSync(join(root, 'calls'), 'utf8').trim().split('\n').length;
const say = (line: string): number => said.push(line);

/** A clone with one dependency, and an npm that notes its calls and installs nothing. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-setup-'));
  said = [];
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'bin', 'npm'), `#!/bin/sh\nmkdir -p node_modules\necho "$1" >> calls\n`);
  chmodSync(join(root, 'bin', 'npm'), 0o755);
  lockfile('1.0.0');
  vi.stubEnv('npm_execpath', undefined);
  vi.stubEnv('PATH', [join(root, 'bin'), process.env['PATH']].join(delimiter));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

function lockfile(version: string): void {
  const packages = { '': { name: 'x' }, 'node_modules/a': { version, integrity: `sha-${version}` } };
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }));
}

describe('the installation of dependencies', () => {
  it('runs once for a lockfile, and says so in one line', async () => {
    await ensureInstalled(root, say);
    await ensureInstalled(root, say);
    expect(installed()).toBe(1);
    expect(said).toEqual(['installing dependencies (npm ci)']);
  });

  it('runs again when the lockfile has changed', async () => {
    await ensureInstalled(root, say);
    lockfile('1.0.1');
    await ensureInstalled(root, say);
    expect(installed()).toBe(2);
  });

  it('runs once for two that start together', async () => {
    await Promise.all([ensureInstalled(root, say), ensureInstalled(root, say)]);
    expect(installed()).toBe(1);
    expect(existsSync(join(root, '.nx', 'setup.lock'))).toBe(false);
  });

  it('accepts what somebody has installed by hand', async () => {
    mkdirSync(join(root, 'node_modules'));
    const packages = { 'node_modules/a': { version: '1.0.0', integrity: 'sha-1.0.0' } };
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));
    await ensureInstalled(root, say);
    expect(said).toEqual([]);
  });

  it('does not accept another version', async () => {
    mkdirSync(join(root, 'node_modules'));
    const packages = { 'node_modules/a': { version: '0.9.0', integrity: 'sha-0.9.0' } };
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));
    await ensureInstalled(root, say);
    expect(installed()).toBe(1);
  });

  it('takes over from a run that was killed', async () => {
    mkdirSync(join(root, '.nx'));
    writeFileSync(join(root, '.nx', 'setup.lock'), '4194304');
    await ensureInstalled(root, say);
    expect(installed()).toBe(1);
  });

  it('tells what npm says when it fails', async () => {
    writeFileSync(join(root, 'bin', 'npm'), '#!/bin/sh\necho no network >&2\nexit 1\n');
    await expect(ensureInstalled(root, say)).rejects.toThrow('no network');
  });
});
