import type { Command } from 'commander';
import { room } from '../api/views.ts';
import { participantTable } from '../output/room-text.ts';
import { printable } from '../terminal/printable.ts';
import { addCommand, asJson } from './command.ts';
import type { Surroundings } from './surroundings.ts';

/** What can be done to somebody in a room. */
interface Act {
  readonly verb: string;
  readonly description: string;
  /** What is said when it is done. */
  readonly done: string;
}

const acts: readonly Act[] = [
  { verb: 'invite', description: 'have the room call somebody on all devices', done: 'is being called' },
  { verb: 'kick', description: 'send somebody out, who may come back', done: 'is out' },
  { verb: 'ban', description: 'send somebody out for good', done: 'does not come in any more' },
  { verb: 'unban', description: 'let somebody in again', done: 'may come in again' },
  { verb: 'grant', description: 'let somebody speak in a moderated room', done: 'may speak' },
  { verb: 'revoke', description: 'let somebody only listen in a moderated room', done: 'may only listen' },
];

/** Adds `parley room members` and what is done to them. */
export function addRoomPersonCommands(rooms: Command, { terminal, api }: Surroundings): void {
  addCommand(rooms, {
    usage: 'members <name>',
    description: 'list who is in a room',
    example: 'room members lobby',
  }).action(async (name: string, { json }: { readonly json?: true }) => {
    const { participants } = await api().read(room, { method: 'GET', path: `/rooms/${encodeURIComponent(name)}` });
    terminal.write(json ? asJson({ items: participants, next: null }) : participantTable(participants));
  });
  for (const { verb, description, done } of acts) {
    addCommand(rooms, { usage: `${verb} <name> <who>`, description, example: `room ${verb} lobby bob` }).action(
      async (name: string, who: string, { json }: { readonly json?: true }) => {
        await api().ask({ method: 'POST', path: `/rooms/${encodeURIComponent(name)}/${verb}`, body: { who } });
        terminal.write(json ? asJson({}) : `${printable(who)} ${done}\n`);
      },
    );
  }
}
