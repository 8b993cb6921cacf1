import type { Command } from 'commander';
import { personUri, roomUri } from '../sip/addresses.ts';
import { userAgent } from '../sip/user-agent.ts';
import { passwordFor } from '../terminal/password.ts';
import { addCommand } from './command.ts';
import type { Surroundings } from './surroundings.ts';

interface ChatOptions {
  readonly from: string;
  readonly password?: string;
  readonly nickname?: string;
  readonly server?: string;
  readonly json?: true;
}

const words = `
What is typed is said to all, except
  /to WHOM TEXT   says it to one alone: a name, or an address
  /nick NAME      takes a nickname
  /who            shows who is here
  /leave          ends it, as Ctrl-D does`;

/** Adds `parley chat`. */
export function addChatCommand(program: Command, { terminal, settings }: Surroundings): void {
  addCommand(program, {
    usage: 'chat <room>',
    description: 'join a chat room, and talk until the input ends; with --json every line shown is an object',
    example: 'chat lobby --from alice --password secret --nickname Cook',
  })
    .addHelpText('after', words)
    .requiredOption('--from <account>', 'who joins: a name, or an address')
    .option('--password <password>', 'of that account; asked for when absent')
    .option('--nickname <name>', 'what to be called in the room')
    .option('--server <uri>', 'where to find the room, such as sip:192.0.2.1:5060;transport=tcp')
    .action(async (room: string, options: ChatOptions) => {
      const known = settings();
      const { domain } = known;
      const uri = roomUri(room, known.chatDomain);
      const aor = personUri(options.from, domain, '--from');
      const wish = { given: options.password, question: `Password of ${options.from}`, twice: false };
      const account = { ...options, aor, password: await passwordFor(terminal, wish) };
      await using agent = await userAgent(known, account);
      const { converse } = await import('./conversation.ts');
      await converse(terminal, { ...options, agent, uri, domain });
    });
}
