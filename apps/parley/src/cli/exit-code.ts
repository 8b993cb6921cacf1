/** How the command line ends: done; refused or failed; not understood; nobody there to ask. */
export const exitCode = { ok: 0, failed: 1, usage: 2, unreachable: 3 } as const;

/** Why a command was not carried out, and the exit code that says so. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;
  /** For programs: the code of the API, or one of ours. */
  readonly code: string;

  constructor(exitCode: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.code = code;
  }
}

/** What was typed cannot be meant. */
export function usageError(message: string): CommandError {
  return new CommandError(exitCode.usage, 'usage', message);
}
