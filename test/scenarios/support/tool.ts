import { execFile, execFileSync } from 'node:child_process';

/** What a program that ended said. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whether a program that others wrote is on this machine; the scenarios for it run where it is. */
export function hasTool(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs a program to its end, within `limit` milliseconds. */
export function runTool(name: string, args: readonly string[], limit = 120_000): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(name, [...args], { timeout: limit, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}
