import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tally } from './tally.mjs';

/** Runs vitest over all projects, or what `filters` name, showing its output as it comes; resolves to the counts. */
export async function runVitest(root, env, filters) {
  const folder = await mkdtemp(join(tmpdir(), 'parley-test-'));
  const file = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const exitCode = await show('vitest', ['run', '--config', '.config/vitest.config.mjs', ...reporters, ...filters], {
      cwd: root,
      env,
    });
    return tally(await report(file), exitCode);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function report(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return { testResults: [], numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0 };
  }
}

function show(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
