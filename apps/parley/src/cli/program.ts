import { Command } from 'commander';

/** The command line without its subcommands, which add themselves. */
export function createProgram(): Command {
  return new Command('parley')
    .description('A server for open-standard instant messaging: SIP MESSAGE and MSRP chat rooms.')
    .version('0.1.0')
    .showHelpAfterError()
    .action((_options, command: Command) => {
      command.outputHelp();
    });
}
