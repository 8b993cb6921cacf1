import type { Command } from 'commander';
import { tracedMessage } from '../api/views.ts';
import { traceText } from '../output/trace-text.ts';
import { addCommand, asJson } from './command.ts';
import type { Surroundings } from './surroundings.ts';

/** Adds `parley trace`. */
export function addTraceCommand(program: Command, { terminal, api }: Surroundings): void {
  addCommand(program, {
    usage: 'trace <message-id>',
    description: 'show what became of a message that asked for disposition notifications, or went to a list',
    example: 'trace 34jk324j',
  })
    .addHelpText('after', names)
    .action(async (id: string, { json }: { readonly json?: true }) => {
      const message = await api().read(tracedMessage, { method: 'GET', path: `/messages/${encodeURIComponent(id)}` });
      terminal.write(json ? asJson(message) : traceText(message));
    });
}

const names = `
A message is named by its imdn.Message-ID, by Call-ID and CSeq number ('a84b4c@pc.localhost;1'),
or, when it went to a list, by the To tag of its 202. It is known for seven days.`;
