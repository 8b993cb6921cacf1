/** How serious a line is, in the levels of our own log. */
export type Severity = 'trace' | 'debug' | 'warn' | 'error' | 'fatal';

/** Hears what the server logs. */
export type ServerLog = (severity: Severity, message: string) => void;

/** One line of the server's own log, in our severities. */
export interface ServerLogLine {
  readonly severity: Severity;
  readonly message: string;
}

/** What the server calls information is detail to somebody who runs Parley. */
const severities: Readonly<Record<string, Severity>> = {
  TRC: 'trace',
  DBG: 'trace',
  INF: 'debug',
  WRN: 'warn',
  ERR: 'error',
  FTL: 'fatal',
};

/** Reads `[pid] date time [INF] text`; a line of another form is passed on whole, as a warning. */
export function readServerLogLine(line: string): ServerLogLine {
  const [, mark = '', message = ''] = /^\[\d+\] \S+ \S+ \[([A-Z]{3})\] (.*)$/.exec(line) ?? [];
  const severity = severities[mark];
  return severity === undefined ? { severity: 'warn', message: line } : { severity, message: message.trim() };
}
