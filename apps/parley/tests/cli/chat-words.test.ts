import type { RoomSession } from '@parley/ua';
import { describe, expect, it } from 'vitest';
import { carryOut } from '../../src/cli/commands/chat-words.ts';
import type { Terminal } from '../../src/cli/terminal/terminal.ts';

describe('a line typed in a room', () => {
  it('that is meant for one alone is said to nobody else, whatever separates its words', async () => {
    const said: unknown[] = [];
    const room = {
      say: (text: string) => said.push(text),
      sayTo: (uri: string, text: string) => said.push([uri, text]),
    } as unknown as RoomSession; // what a line needs of it
    const place = { room, domain: 'example', terminal: undefined as never, text: undefined as never };
    await carryOut('/to bob for you\u2028alone', place);
    await carryOut('/to\u2028bob again', place);
    expect(said).toEqual([
      ['sip:bob@example', 'for you\u2028alone'],
      ['sip:bob@example', 'again'],
    ]);
  });

  it('that begins with a word which is none is complained of, and said to nobody; a path is said', async () => {
    const said: string[] = [];
    const complaints: string[] = [];
    const room = { say: (text: string) => said.push(text) } as unknown as RoomSession; // what a line needs of it
    const terminal = { complain: (text: string) => complaints.push(text) } as unknown as Terminal; // likewise
    const place = { room, domain: 'example', terminal, text: undefined as never };
    for (const line of ['/tell bob for you', ' /help', '/leave now', '/to: bob', '/etc/hosts is it', '1/2']) {
      await carryOut(line, place);
    }
    expect(said).toEqual(['/etc/hosts is it', '1/2']);
    expect(complaints).toEqual(Array(4).fill('parley: expected /to, /nick, /who or /leave, or a text\n'));
  });
});
