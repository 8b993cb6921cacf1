import { Command } from 'commander';
import { addChatCommand } from './commands/chat-command.ts';
import { addDoctorCommand } from './commands/doctor-command.ts';
import { addHistoryCommand } from './commands/history-command.ts';
import { addListCommands } from './commands/list-commands.ts';
import { addRoomCommands } from './commands/room-commands.ts';
import { addSendCommand } from './commands/send-command.ts';
import type { Surroundings } from './commands/surroundings.ts';
import { addTraceCommand } from './commands/trace-command.ts';
import { addUserCommands } from './commands/user-commands.ts';

const epilogue = `
Example:
  $ npx parley user add dave

The commands ask the HTTP API: at PARLEY_URL with PARLEY_ADMIN_TOKEN, or else at the
npm start whose data directory is PARLEY_DATA_DIR (default ./.parley).

Exit codes: 0 done, 1 refused or failed, 2 not understood, 3 nobody there to ask.`;

/** The command line; it writes and reads at a terminal, and throws instead of ending the process. */
export function createProgram(surroundings: Surroundings): Command {
  const { terminal } = surroundings;
  const program = new Command('parley')
    .description('A server for open-standard instant messaging: SIP MESSAGE and MSRP chat rooms.')
    .version('0.1.0')
    .showHelpAfterError('(--help tells more)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        terminal.write(text);
      },
      writeErr: (text) => {
        terminal.complain(text);
      },
    })
    .addHelpText('after', epilogue);
  addUserCommands(program, surroundings);
  addRoomCommands(program, surroundings);
  addListCommands(program, surroundings);
  addHistoryCommand(program, surroundings);
  addTraceCommand(program, surroundings);
  addSendCommand(program, surroundings);
  addChatCommand(program, surroundings);
  addDoctorCommand(program, surroundings);
  return program;
}
