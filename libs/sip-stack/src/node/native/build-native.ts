import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { nativeFile, nativeFolder, sourceFiles, sourceFolder } from './native-file.ts';

/** What became of an attempt to have the add-on. */
export interface NativeBuild {
  readonly built: boolean;
  /** Why there is none; empty when there is. */
  readonly reason: string;
}

const compilers = ['cc', 'gcc', 'clang'];
const flags = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror=implicit-function-declaration', '-fPIC', '-shared'];
/** Milliseconds for one program; the compiler takes one second. */
const patience = 60_000;

/**
 * Compiles the add-on unless it is there already. A new one is put in place only after another process has loaded it and
 * sent itself a datagram and a stream through it, so that one that crashes is never used.
 */
export function buildNative(): NativeBuild {
  if (process.platform !== 'linux') return { built: false, reason: `there is none for ${process.platform}` };
  const folder = nativeFolder();
  if (existsSync(join(folder, nativeFile))) return { built: true, reason: '' };
  mkdirSync(dirname(folder), { recursive: true });
  const scratch = mkdtempSync(`${folder}.`);
  try {
    const reason = compile(join(scratch, nativeFile)) ?? prove(join(scratch, nativeFile));
    if (reason !== undefined) return { built: false, reason };
    putInPlace(scratch, folder);
    return { built: true, reason: '' };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @returns why it did not work */
function compile(output: string): string | undefined {
  const compiler = compilers.find((name) => run(name, ['--version']).ok);
  if (compiler === undefined) return 'there is no C compiler';
  const sources = sourceFiles()
    .filter((name) => name.endsWith('.c'))
    .map((name) => `${sourceFolder}${name}`);
  const { ok, output: said } = run(compiler, [...flags, ...includes(), '-o', output, ...sources]);
  return ok ? undefined : `the C compiler refuses: ${said}`;
}

/** Headers of Node-API: the package, or those that came with this Node. */
function includes(): string[] {
  const folders = [join(dirname(process.execPath), '..', 'include', 'node')];
  try {
    const manifest = createRequire(import.meta.url).resolve('node-api-headers/package.json');
    folders.unshift(join(dirname(manifest), 'include'));
  } catch {
    // An installation without the tools of development.
  }
  return folders.filter((folder) => existsSync(join(folder, 'node_api.h'))).map((folder) => `-I${folder}`);
}

/**
 * Has another process load an add-on and talk to itself through it.
 *
 * @returns why it does not work
 */
export function prove(file: string): string | undefined {
  const { ok, output } = run(process.execPath, [join(sourceFolder, 'prove-native.ts'), file]);
  return ok ? undefined : `it does not work here: ${output}`;
}

function run(command: string, args: readonly string[]): { ok: boolean; output: string } {
  const { status, signal, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: patience,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const output = error?.message ?? (stderr.trim() || String(signal ?? status));
  return { ok: status === 0, output };
}

/** Renaming makes it appear whole; who comes second keeps what is there. What older sources made goes. */
function putInPlace(scratch: string, folder: string): void {
  if (!existsSync(folder)) renameSync(scratch, folder);
  const cache = dirname(folder);
  for (const name of readdirSync(cache)) {
    if (!folder.endsWith(name) && !name.includes('.')) rmSync(join(cache, name), { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { built, reason } = buildNative();
  if (!built) {
    process.stderr.write(`${reason}\n`);
    process.exitCode = 1;
  }
}
