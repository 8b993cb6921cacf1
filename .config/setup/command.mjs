import { spawn, spawnSync } from 'node:child_process';

/** Runs a program to its end; standard error and output are kept together in `output`. */
export function capture(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const parts = [];
    child.stdout.on('data', (part) => parts.push(part));
    child.stderr.on('data', (part) => parts.push(part));
    child.once('error', (error) => resolve({ ok: false, code: 127, output: error.message }));
    child.once('close', (code, signal) => {
      resolve({ ok: code === 0, code: code ?? 1, output: Buffer.concat(parts).toString() || String(signal ?? '') });
    });
  });
}

/** First line that a program prints, or undefined when it cannot be run or fails. */
export function firstLine(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 ? stdout.split('\n', 1)[0] : undefined;
}
