/** Where a command reads and writes; tests give their own. */
export interface Terminal {
  /** Results, on stdout. */
  write(text: string): void;
  /** Complaints and questions, on stderr. */
  complain(text: string): void;
  /** All of standard input. */
  readAll(): Promise<string>;
  /** What is typed, line by line, until the input ends, the person wants to stop, or the signal says so. */
  lines(until: AbortSignal): AsyncIterable<string>;
  /** One secret: typed without echo, or the first line of a pipe. Undefined: the input ended before. */
  askSecret(question: string): Promise<string | undefined>;
  /** Whether a person is there to be asked. */
  readonly isInteractive: boolean;
}
