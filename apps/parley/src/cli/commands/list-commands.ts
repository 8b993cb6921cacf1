import type { Command } from 'commander';
import { storedList } from '../api/views.ts';
import type { StoredList } from '../api/views.ts';
import { changeList, listHelp, readListWords } from '../list-words.ts';
import { listTable, listText } from '../output/list-text.ts';
import { printable } from '../terminal/printable.ts';
import { addCommand, addGroup, asJson } from './command.ts';
import type { Surroundings } from './surroundings.ts';

interface Answering {
  readonly json?: true;
}

/** Adds `parley list …`. */
export function addListCommands(program: Command, surroundings: Surroundings): void {
  const lists = addGroup(program, {
    usage: 'list',
    description: 'addresses that send one message to many',
    example: 'list show friends',
  });
  addMaking(lists, surroundings);
  addShowing(lists, surroundings);
  addChanging(lists, surroundings);
}

function addMaking(lists: Command, { terminal, api }: Surroundings): void {
  addCommand(lists, {
    usage: 'add <name> [words...]',
    description: 'make a list; members and properties as key=value words',
    example: 'list add friends members=alice,bob,sip:carol@localhost owner=alice hideMembers=true',
  })
    .addHelpText('after', listHelp())
    .action(async (name: string, words: string[], { json }: Answering) => {
      const { properties, add } = readListWords(words);
      const members = [...(properties.members ?? []), ...add];
      const body = { name, ...properties, members };
      const made = await api().read(storedList, { method: 'POST', path: '/lists', body });
      terminal.write(json ? asJson(made) : `${printable(made.uri)} reaches ${made.members.length}\n`);
    });
}

function addShowing(lists: Command, { terminal, api }: Surroundings): void {
  addCommand(lists, { usage: 'list', description: 'list all lists', example: 'list list --json' }).action(
    async ({ json }: Answering) => {
      const items = await api().readAll(storedList, '/lists');
      terminal.write(json ? asJson({ items, next: null }) : listTable(items));
    },
  );
  addCommand(lists, {
    usage: 'show <name>',
    description: 'show the properties of a list and who is on it',
    example: 'list show friends',
  }).action(async (name: string, { json }: Answering) => {
    const found = await api().read(storedList, { method: 'GET', path: pathOf(name) });
    terminal.write(json ? asJson(found) : listText(found));
  });
}

function addChanging(lists: Command, { terminal, api }: Surroundings): void {
  addCommand(lists, {
    usage: 'set <name> <words...>',
    description: 'change a list; what is not named stays',
    example: 'list set friends senders=anyone members+=dave members-=bob',
  })
    .addHelpText('after', listHelp())
    .action(async (name: string, words: string[], { json }: Answering) => {
      const wish = readListWords(words);
      let changed: StoredList | undefined;
      if (Object.keys(wish.properties).length > 0) {
        const found = await api().read(storedList, { method: 'GET', path: pathOf(name) });
        const body = changeList(found, wish.properties);
        changed = await api().read(storedList, { method: 'PUT', path: pathOf(name), body });
      }
      if (changed === undefined || wish.add.length + wish.remove.length > 0) {
        const body = { add: wish.add, remove: wish.remove };
        changed = await api().read(storedList, { method: 'PATCH', path: `${pathOf(name)}/members`, body });
      }
      terminal.write(json ? asJson(changed) : listText(changed));
    });
  addCommand(lists, {
    usage: 'remove <name>',
    description: 'remove a list; its members stay what they are',
    example: 'list remove friends',
  }).action(async (name: string, { json }: Answering) => {
    await api().ask({ method: 'DELETE', path: pathOf(name) });
    terminal.write(json ? asJson({}) : `${printable(name)} is no list any more\n`);
  });
}

function pathOf(name: string): string {
  return `/lists/${encodeURIComponent(name)}`;
}
