import { fileURLToPath } from 'node:url';
import type { Exit } from '@parley/testing';
import { eventually, startChild } from '@parley/testing';

const binary = fileURLToPath(new URL('../../bin/parley.mjs', import.meta.url));

/** What a command said, and how it ended. */
export interface Outcome extends Pick<Exit, 'code'> {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `parley …` as a process, in a directory where no installation is. */
export async function parley(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const clean = Object.keys(process.env).filter((name) => name.startsWith('PARLEY_'));
  const unset = Object.fromEntries(clean.map((name) => [name, undefined]));
  const child = startChild(process.execPath, [binary, ...words], { cwd: '/', env: { ...unset, ...env } });
  const { code } = await child.exited;
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/** The admin token of a {@link ConsoleProcess}. */
export const token = 'a-token-for-tests';

/** The console with stand-ins for what it asks. */
export interface ConsoleProcess extends AsyncDisposable {
  readonly url: string;
  /** What the stand-ins told. */
  said(): string;
  post(path: string, body: object): Promise<Response>;
}

/** Starts a {@link ConsoleProcess}. */
export async function startConsoleProcess(): Promise<ConsoleProcess> {
  const script = new URL('../../../console/tests/fixtures/serve.ts', import.meta.url);
  const child = startChild(process.execPath, [fileURLToPath(script)]);
  const url = await eventually(() => {
    const found = /^listening (.*)$/m.exec(child.stdout)?.[1];
    if (found === undefined) throw new Error(`the console does not listen: ${child.stderr}`);
    return found;
  });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return {
    url,
    said: () => child.stdout,
    post: (path, body) => fetch(`${url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
