import type { Command } from 'commander';
import { room } from '../api/views.ts';
import { roomTable, roomText } from '../output/room-text.ts';
import { parsePolicy, policyHelp } from '../policy-words.ts';
import { printable } from '../terminal/printable.ts';
import { addCommand, addGroup, asJson } from './command.ts';
import { addRoomPersonCommands } from './room-person-commands.ts';
import type { Surroundings } from './surroundings.ts';

interface Answering {
  readonly json?: true;
}

/** Adds `parley room …`. */
export function addRoomCommands(program: Command, surroundings: Surroundings): void {
  const rooms = addGroup(program, { usage: 'room', description: 'chat rooms', example: 'room show lobby' });
  addMaking(rooms, surroundings);
  addShowing(rooms, surroundings);
  addChanging(rooms, surroundings);
  addEnding(rooms, surroundings);
  addRoomPersonCommands(rooms, surroundings);
}

function addMaking(rooms: Command, { terminal, api }: Surroundings): void {
  addCommand(rooms, {
    usage: 'create <name> [policy...]',
    description: 'make a room that stays; policy as key=value words',
    example: 'room create lobby welcome="Good to see you" history=50 maxParticipants=20',
  })
    .addHelpText('after', policyHelp())
    .action(async (name: string, words: string[], { json }: Answering) => {
      const body = { name, ...parsePolicy(words) };
      const made = await api().read(room, { method: 'POST', path: '/rooms', body });
      terminal.write(json ? asJson(made) : `${printable(made.uri)} is open\n`);
    });
}

function addShowing(rooms: Command, { terminal, api }: Surroundings): void {
  addCommand(rooms, { usage: 'list', description: 'list all rooms', example: 'room list --json' }).action(
    async ({ json }: Answering) => {
      const items = await api().readAll(room, '/rooms');
      terminal.write(json ? asJson({ items, next: null }) : roomTable(items));
    },
  );
  addCommand(rooms, {
    usage: 'show <name>',
    description: 'show the policy of a room and who is in it',
    example: 'room show lobby',
  }).action(async (name: string, { json }: Answering) => {
    const found = await api().read(room, { method: 'GET', path: pathOf(name) });
    terminal.write(json ? asJson(found) : roomText(found));
  });
}

function addChanging(rooms: Command, { terminal, api }: Surroundings): void {
  addCommand(rooms, {
    usage: 'set <name> <policy...>',
    description: 'change the policy of a room; what is not named stays',
    example: 'room set lobby membersOnly=true members=alice,bob,sip:carol@example.org',
  })
    .addHelpText('after', policyHelp())
    .action(async (name: string, words: string[], { json }: Answering) => {
      const body = parsePolicy(words);
      const changed = await api().read(room, { method: 'PATCH', path: pathOf(name), body });
      terminal.write(json ? asJson(changed) : roomText(changed));
    });
}

function addEnding(rooms: Command, { terminal, api }: Surroundings): void {
  addCommand(rooms, {
    usage: 'announce <name> <text>',
    description: 'let the room speak to all who are in it',
    example: 'room announce lobby "We close at nine."',
  }).action(async (name: string, text: string, { json }: Answering) => {
    await api().ask({ method: 'POST', path: `${pathOf(name)}/announcements`, body: { text } });
    terminal.write(json ? asJson({}) : `told everybody in ${printable(name)}\n`);
  });
  addCommand(rooms, {
    usage: 'delete <name>',
    description: 'delete a room; all who are in it have to leave',
    example: 'room delete lobby',
  }).action(async (name: string, { json }: Answering) => {
    await api().ask({ method: 'DELETE', path: pathOf(name) });
    terminal.write(json ? asJson({}) : `${printable(name)} is no more\n`);
  });
}

function pathOf(name: string): string {
  return `/rooms/${encodeURIComponent(name)}`;
}
