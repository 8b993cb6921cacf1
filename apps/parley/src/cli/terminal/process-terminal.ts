import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CommandError } from '../exit-code.ts';
import type { Terminal } from './terminal.ts';

/** Exit code of a program that Ctrl-C ended. */
const interrupted = 130;

/** The terminal, or the pipes, of this process. */
export const processTerminal: Terminal = {
  write: (output) => {
    process.stdout.write(output);
  },
  complain: (output) => {
    process.stderr.write(output);
  },
  readAll: () => text(process.stdin),
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

async function firstLine(): Promise<string | undefined> {
  const reader = createInterface({ input: process.stdin });
  const ended = once(reader, 'close').then(() => undefined);
  const line = once(reader, 'line').then(([read]) => String(read));
  const answer = await Promise.race([line, ended]);
  reader.close();
  return answer;
}
