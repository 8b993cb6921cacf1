import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const passed = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const parentCheckMs = 500;

/**
 * Runs the rest under another Node and ends as it ends.
 *
 * The IPC channel tells the child when this process is killed; that the npm above was killed is told by our
 * parent's pid, since npm has no such channel.
 */
export function follow(command, args, env) {
  const child = spawn(command, args, { env, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of passed) process.on(signal, () => child.kill(signal));
  const watch = process.env['npm_lifecycle_event'] === undefined ? undefined : watchParent(() => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearInterval(watch);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

function watchParent(onGone) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, parentCheckMs);
  return timer;
}
