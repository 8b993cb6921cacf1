import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that a test started, with what it said. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** All of stdout so far. */
  readonly stdout: string;
  /** All of stderr so far. */
  readonly stderr: string;
  /** Resolves when it has ended. */
  readonly exited: Promise<Exit>;
  /** Signals the process and all that it started; without effect once it has ended. */
  kill(signal?: NodeJS.Signals): void;
  /** Asks it to end, and after `patience` milliseconds (default 30 s) no longer asks. */
  stop(patience?: number): Promise<Exit>;
}

/** What a process is started with. */
export interface ChildOptions {
  readonly cwd?: string;
  /** Replaces variables of this process; undefined removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Starts a process as the leader of its own group, so that nothing it starts outlives the test. */
export function startChild(command: string, args: readonly string[], options: ChildOptions = {}): Child {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output = capture(child);
  const exited = exitOf(child);
  const cleanUp = (): void => {
    killGroup(child.pid, 'SIGKILL');
  };
  process.once('exit', cleanUp); // a test run that ends early takes its children along
  let hasEnded = false;
  void exited.then(() => {
    hasEnded = true;
    process.off('exit', cleanUp);
  });
  const kill = (signal: NodeJS.Signals = 'SIGTERM'): void => {
    if (!hasEnded) killGroup(child.pid, signal);
  };
  const stop = async (patience = 30_000): Promise<Exit> => {
    kill('SIGTERM');
    const timer = setTimeout(kill, patience, 'SIGKILL');
    const exit = await exited;
    clearTimeout(timer);
    killGroup(child.pid, 'SIGKILL');
    return exit;
  };
  return {
    pid: child.pid ?? -1,
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    exited,
    kill,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

function capture(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return output;
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', () => {
      resolve({ code: 127, signal: null });
    });
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // the group has ended
  }
}
