import { usageError } from '../exit-code.ts';
import type { Terminal } from './terminal.ts';

/** How a password is come by. */
export interface PasswordWish {
  /** Given on the command line; undefined: asked for. */
  readonly given: string | undefined;
  readonly question: string;
  /** Whether a person types it twice, because nobody can see it. */
  readonly twice: boolean;
}

/** The password that was given, or typed unseen. @throws CommandError when there is none, or the two differ */
export async function passwordFor(terminal: Terminal, { given, question, twice }: PasswordWish): Promise<string> {
  const password = given ?? (await terminal.askSecret(`${question}: `));
  if (password === undefined || password === '') {
    throw usageError('expected a password: --password P, typed when asked, or as the first line of standard input');
  }
  if (given === undefined && twice && terminal.isInteractive) {
    if ((await terminal.askSecret(`${question} again: `)) !== password) throw usageError('the two passwords differ');
  }
  return password;
}
