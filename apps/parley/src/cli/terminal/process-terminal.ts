import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CommandError } from '../exit-code.ts';
import { inputLines } from './input-lines.ts';
import type { InputLines } from './input-lines.ts';
import type { Terminal } from './terminal.ts';

/** Exit code of a program that Ctrl-C ended. */
const interrupted = 130;

/** What ends the reading of lines, so that a command can take its leave. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The terminal, or the pipes, of this process. */
export const processTerminal: Terminal = {
  write: (output) => {
    process.stdout.write(output);
  },
  complain: (output) => {
    process.stderr.write(output);
  },
  readAll: () => text(process.stdin),
  lines,
  askSecret: (question) => (process.stdin.isTTY ? askUnseen(question) : firstLine()),
  get isInteractive() {
    return process.stdin.isTTY;
  },
};

/** The line editor of Node, whose echo goes nowhere. */
async function askUnseen(question: string): Promise<string | undefined> {
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  process.stderr.write(question);
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const answer = Promise.withResolvers<string | undefined>();
  reader.once('line', answer.resolve);
  reader.once('close', () => {
    answer.resolve(undefined);
  });
  reader.once('SIGINT', () => {
    answer.reject(new CommandError(interrupted, 'interrupted', 'interrupted'));
  });
  try {
    return await answer.promise;
  } finally {
    reader.close();
    process.stderr.write('\n');
  }
}

/** Standard input by lines, from the first that anybody reads: a password of a pipe, then what is said. */
let read: InputLines | undefined;

function standardInput(): InputLines {
  return (read ??= inputLines(process.stdin));
}

async function firstLine(): Promise<string | undefined> {
  const { value, done } = await standardInput().next();
  // An input that goes on keeps no command from ending. The reader may be closed by now, and throw.
  process.stdin.pause();
  return done === true ? undefined : value;
}

async function* lines(until: AbortSignal): AsyncIterable<string> {
  const input = standardInput();
  const stop = (): void => {
    input.close();
  };
  for (const signal of stopSignals) process.once(signal, stop);
  until.addEventListener('abort', stop);
  if (until.aborted) stop();
  else process.stdin.resume();
  try {
    for (let line = await input.next(); line.done !== true; line = await input.next()) yield line.value;
  } finally {
    for (const signal of stopSignals) process.off(signal, stop);
    until.removeEventListener('abort', stop);
    stop();
    // A pipe that nobody reads would keep the program from ending.
    process.stdin.destroy();
  }
}
