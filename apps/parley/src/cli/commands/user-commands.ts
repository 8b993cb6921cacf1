import type { Command } from 'commander';
import { mailbox, user } from '../api/views.ts';
import { mailboxText, userTable, userText } from '../output/user-text.ts';
import { passwordFor } from '../terminal/password.ts';
import { printable } from '../terminal/printable.ts';
import { addCommand, addGroup, asJson } from './command.ts';
import type { Surroundings } from './surroundings.ts';

interface Answering {
  readonly json?: true;
}

interface Clearing extends Answering {
  readonly clear?: true;
}

interface WithPassword extends Answering {
  readonly password?: string;
}

interface NewUser extends WithPassword {
  readonly displayName?: string;
  readonly tel?: string;
}

const passwordHelp = 'seen by whoever lists processes; asked for when absent';

/** Adds `parley user …`. */
export function addUserCommands(program: Command, surroundings: Surroundings): void {
  const users = addGroup(program, { usage: 'user', description: 'who has an account', example: 'user list' });
  addMaking(users, surroundings);
  addShowing(users, surroundings);
  addChanging(users, surroundings);
}

function addMaking(users: Command, { terminal, api }: Surroundings): void {
  addCommand(users, { usage: 'add <name>', description: 'make an account', example: 'user add dave' })
    .option('--password <password>', passwordHelp)
    .option('--display-name <text>', 'name for people')
    .option('--tel <number>', 'telephone number, such as +358555123')
    .action(async (name: string, { password, displayName, tel, json }: NewUser) => {
      const given = await passwordFor(terminal, { given: password, question: `Password of ${name}`, twice: true });
      const optional = { ...(displayName !== undefined && { displayName }), ...(tel !== undefined && { tel }) };
      const body = { name, password: given, ...optional };
      const made = await api().read(user, { method: 'POST', path: '/users', body });
      terminal.write(json ? asJson(made) : `${printable(made.name)} has an account\n`);
    });
}

function addShowing(users: Command, { terminal, api }: Surroundings): void {
  addCommand(users, { usage: 'list', description: 'list all accounts', example: 'user list --json' }).action(
    async ({ json }: Answering) => {
      const items = await api().readAll(user, '/users');
      terminal.write(json ? asJson({ items, next: null }) : userTable(items));
    },
  );
  addCommand(users, {
    usage: 'show <name>',
    description: 'show an account and where its devices are',
    example: 'user show alice',
  }).action(async (name: string, { json }: Answering) => {
    const found = await api().read(user, { method: 'GET', path: pathOf(name) });
    terminal.write(json ? asJson(found) : userText(found));
  });
  addCommand(users, {
    usage: 'mailbox <name>',
    description: 'show how much mail waits for devices that are away, or give it up',
    example: 'user mailbox alice',
  })
    .option('--clear', 'give it up; who asked for delivery notifications hears of it')
    .action(async (name: string, { clear, json }: Clearing) => {
      const path = `${pathOf(name)}/mailbox`;
      if (clear) {
        await api().ask({ method: 'DELETE', path });
        terminal.write(json ? asJson({}) : `nothing waits for ${printable(name)} any more\n`);
        return;
      }
      const found = await api().read(mailbox, { method: 'GET', path });
      terminal.write(json ? asJson(found) : mailboxText(found));
    });
}

function addChanging(users: Command, { terminal, api }: Surroundings): void {
  addCommand(users, { usage: 'passwd <name>', description: 'set a password', example: 'user passwd dave' })
    .option('--password <password>', passwordHelp)
    .action(async (name: string, { password, json }: WithPassword) => {
      const given = await passwordFor(terminal, { given: password, question: `New password of ${name}`, twice: true });
      await api().ask({ method: 'PUT', path: `${pathOf(name)}/password`, body: { password: given } });
      terminal.write(json ? asJson({}) : `${printable(name)} has a new password\n`);
    });
  addCommand(users, {
    usage: 'remove <name>',
    description: 'remove an account and its bindings',
    example: 'user remove dave',
  }).action(async (name: string, { json }: Answering) => {
    await api().ask({ method: 'DELETE', path: pathOf(name) });
    terminal.write(json ? asJson({}) : `${printable(name)} has no account any more\n`);
  });
}

function pathOf(name: string): string {
  return `/users/${encodeURIComponent(name)}`;
}
