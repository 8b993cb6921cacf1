import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../node_modules/.cache/parley-load/', import.meta.url));
const shared = ['md5.h', 'sip-text.h'].map((name) => fileURLToPath(new URL(name, import.meta.url)));
const compilers = ['cc', 'gcc', 'clang'];

/** Whether {@link compiled} can do it here. */
export function hasCompiler(): boolean {
  return compilers.some((compiler) => spawnSync(compiler, ['--version']).status === 0);
}

/** Path of the program of a C file, compiled unless this very source was before. @throws Error when no compiler does it */
export function compiled(source: string): string {
  const hash = createHash('sha256');
  for (const file of [source, ...shared]) hash.update(readFileSync(file));
  const digest = hash.digest('hex').slice(0, 16);
  const binary = `${cache}generator-${digest}`;
  if (existsSync(binary)) return binary;
  mkdirSync(cache, { recursive: true });
  compile(source, `${binary}.${process.pid}`);
  renameSync(`${binary}.${process.pid}`, binary);
  return binary;
}

function compile(source: string, to: string): void {
  for (const compiler of compilers) {
    const { status, stderr } = spawnSync(compiler, ['-std=gnu11', '-O2', '-o', to, source, '-lm'], {
      encoding: 'utf8',
    });
    if (status === 0) return;
    if (status !== null) throw new Error(`${compiler} could not compile ${source}:\n${stderr}`);
  }
  throw new Error('no C compiler (cc, gcc or clang): install one, for example `apt-get install gcc libc6-dev`');
}
