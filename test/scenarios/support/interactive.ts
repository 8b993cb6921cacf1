import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Child } from '@parley/testing';
import { eventually, startChild } from '@parley/testing';

/** A program at a keyboard, with a home directory of its own. */
export interface Interactive extends AsyncDisposable {
  /** All that it printed so far. */
  readonly output: string;
  /** Types a line. */
  type(line: string): Promise<void>;
  /** Waits until it has printed what fits. */
  printed(pattern: RegExp, within?: number): Promise<void>;
}

/** An empty directory for one program. */
export function makeHome(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `parley-${name}-`));
}

/** Starts a program in its home, its keyboard a named pipe there; both end with it. */
export function startInteractive(home: string, command: string, args: readonly string[]): Interactive {
  const keyboard = join(home, 'keyboard');
  execFileSync('mkfifo', [keyboard]);
  // Held open for reading and writing, so that the program never sees the end of it.
  const child: Child = startChild('sh', ['-c', 'exec "$0" "$@" 3<>keyboard <&3', command, ...args], {
    cwd: home,
    env: { HOME: home, XDG_RUNTIME_DIR: home }, // without one, libpulse leaves a folder in /tmp
  });
  const output = (): string => child.stdout + child.stderr;
  return {
    get output() {
      return output();
    },
    type: (line) => appendFile(keyboard, `${line}\n`),
    printed: (pattern, within = 60_000) =>
      eventually(
        () => {
          if (!pattern.test(output())) throw new Error(`expected ${String(pattern)} from ${command}: ${output()}`);
        },
        { within },
      ),
    [Symbol.asyncDispose]: async () => {
      await child.stop(2000);
      await rm(home, { recursive: true, force: true });
    },
  };
}
