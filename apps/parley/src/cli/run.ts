import { loadEnvironment, parleySettings } from '@parley/service';
import type { ParleySettings } from '@parley/service';
import { CommanderError } from 'commander';
import { ApiClient } from './api/api-client.ts';
import { findApi } from './api/find-api.ts';
import { asJson } from './commands/command.ts';
import { CommandError, exitCode, usageError } from './exit-code.ts';
import { createProgram } from './program.ts';
import { printable } from './terminal/printable.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Runs one command. @returns the exit code; only faults are thrown */
export async function runCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  const api = (): ApiClient => new ApiClient(findApi(readSettings()));
  const program = createProgram({ terminal, settings: readSettings, api });
  try {
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync(words, { from: 'user' });
    return exitCode.ok;
  } catch (error) {
    // Help and version end a command too; help that nobody asked for is a complaint, and not with code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
    if (!(error instanceof CommandError)) throw error;
    terminal.complain(words.includes('--json') ? asJson(asFailure(error)) : `parley: ${printable(error.message)}\n`);
    return error.exitCode;
  }
}

function asFailure({ code, message }: CommandError): object {
  return { error: { code, message } };
}

function readSettings(): ParleySettings {
  const settings = parleySettings(loadEnvironment());
  if (!settings.ok) throw usageError(settings.error.message);
  return settings.value;
}
