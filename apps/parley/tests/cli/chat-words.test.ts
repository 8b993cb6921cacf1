import type { RoomSession } from '@parley/ua';
import { describe, expect, it } from 'vitest';
import { carryOut } from '../../src/cli/commands/chat-words.ts';

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
});
