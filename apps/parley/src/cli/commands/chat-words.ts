import { MsrpFailureError } from '@parley/ua';
import type { RoomSession } from '@parley/ua';
import { CommandError, usageError } from '../exit-code.ts';
import type { ChatText } from '../output/chat-text.ts';
import { personUri } from '../sip/addresses.ts';
import { printable } from '../terminal/printable.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Where a line is typed. */
export interface ChatPlace {
  readonly room: RoomSession;
  /** Of names without one. */
  readonly domain: string;
  readonly terminal: Terminal;
  readonly text: ChatText;
}

/** Takes any white space, also between two words that are said: what was meant for one alone is not said to all. */
const words = /^\s*(\/nick|\/to|\/who)(?:\s+(\S+)(?:\s+(.*))?)?\s*$/su;

/** A mistyped word is not said to all either; a path, with a second slash, is. */
const unknownWord = /^\s*\/[^\s/]*(?:\s|$)/u;

/** Does what a line says, or says it to all; what is refused is complained of, and the talk goes on. */
export async function carryOut(line: string, place: ChatPlace): Promise<void> {
  try {
    await read(line, place);
  } catch (error) {
    if (!(error instanceof MsrpFailureError) && !(error instanceof CommandError)) throw error;
    place.terminal.complain(`parley: ${printable(error.message)}\n`);
  }
}

async function read(line: string, { room, domain, terminal, text }: ChatPlace): Promise<void> {
  const [word, first = '', rest = ''] = words.exec(line)?.slice(1) ?? [];
  if (word === '/who') terminal.write(text.present(room.roster));
  else if (word === '/nick') await room.setNickname(rest === '' ? first : `${first} ${rest}`);
  else if (word === '/to' && rest === '') throw usageError('expected /to WHOM TEXT');
  else if (word === '/to') await room.sayTo(personUri(first, domain, '/to'), rest);
  else if (unknownWord.test(line)) throw usageError('expected /to, /nick, /who or /leave, or a text');
  else if (line.trim() !== '') await room.say(line);
}
