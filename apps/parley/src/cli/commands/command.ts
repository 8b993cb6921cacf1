import type { Command } from 'commander';

/** What the help of a command says beyond its arguments. */
export interface CommandText {
  /** Name and arguments, e.g. `show <name>`. */
  readonly usage: string;
  readonly description: string;
  /** One command as it is typed. */
  readonly example: string;
}

/** Adds a command that only holds others. */
export function addGroup(parent: Command, { usage, description, example }: CommandText): Command {
  return parent.command(usage).description(description).addHelpText('after', exampleHelp(example));
}

/** Adds a command that does something; like all of them it can answer in JSON. */
export function addCommand(parent: Command, text: CommandText): Command {
  return addGroup(parent, text).option('--json', 'answer in JSON, for scripts');
}

function exampleHelp(example: string): string {
  return `\nExample:\n  $ npx parley ${example}`;
}

/** Text of a value for programs. */
export function asJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
