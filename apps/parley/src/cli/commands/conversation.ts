import { MsrpFailureError, SipFailureError, joinRoom } from '@parley/ua';
import type { RoomSession, UserAgent } from '@parley/ua';
import { nodePipes } from '@parley/ua/node';
import { CommandError, exitCode } from '../exit-code.ts';
import { chatText } from '../output/chat-text.ts';
import { printable } from '../terminal/printable.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { carryOut } from './chat-words.ts';

/** Where, as whom and how one talks. */
export interface Conversation {
  readonly agent: UserAgent;
  readonly uri: string;
  readonly domain: string;
  readonly nickname?: string;
  readonly json?: true;
}

/** Joins, says what is typed, and leaves. @throws CommandError when the room refuses, or ends it */
export async function converse(
  terminal: Terminal,
  { agent, uri, domain, nickname, json }: Conversation,
): Promise<void> {
  const text = chatText(json === true);
  const over = new AbortController();
  const prepare = (joined: RoomSession): void => {
    joined.messages.listen((message) => {
      terminal.write(text.message(message, joined));
    });
    joined.rosterChanged.listen((roster) => {
      terminal.write(text.roster(roster));
    });
    joined.reports.listen(({ code, comment }) => {
      if (code !== 200) terminal.complain(`parley: not delivered: ${code} ${printable(comment)}\n`);
    });
    joined.ended.listen((reason) => {
      over.abort(reason);
    });
  };
  const room = await join(agent, uri, { prepare, ...(nickname !== undefined && { nickname }) });
  terminal.write(text.joined(uri));
  try {
    for await (const line of terminal.lines(over.signal)) {
      if (line.trim() === '/leave' || over.signal.aborted) break;
      await carryOut(line, { room, domain, terminal, text });
    }
    if (over.signal.aborted) throw new CommandError(exitCode.failed, 'ended', String(over.signal.reason));
  } finally {
    if (!over.signal.aborted) await room.leave();
  }
}

async function join(
  agent: UserAgent,
  uri: string,
  wishes: { readonly prepare: (room: RoomSession) => void; readonly nickname?: string },
): Promise<RoomSession> {
  try {
    return await joinRoom(agent, uri, { openPipe: nodePipes(), ...wishes });
  } catch (cause) {
    if (!(cause instanceof SipFailureError) && !(cause instanceof MsrpFailureError)) throw cause;
    throw new CommandError(exitCode.failed, 'refused', `not in the room: ${cause.message}`, { cause });
  }
}
