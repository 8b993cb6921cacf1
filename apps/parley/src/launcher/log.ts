/** Severities in pino's numbers, so that the launcher's lines read like those of its services. */
const severities = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: Infinity };

/** Name of a severity, as `PARLEY_LOG` takes it. */
export type Severity = keyof typeof severities;

/** Writes one event of the launcher to the log. */
export type Log = (severity: Severity, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** A log of JSON lines that leaves out what is below `least`. */
export function jsonLog(name: string, least: string | undefined, write: (line: string) => void): Log {
  const threshold = isSeverity(least) ? severities[least] : severities.info;
  return (severity, message, fields = {}) => {
    if (severities[severity] < threshold) return;
    const line = { level: severities[severity], time: Date.now(), pid: process.pid, name, ...fields, msg: message };
    write(`${JSON.stringify(line)}\n`);
  };
}

function isSeverity(text: string | undefined): text is Severity {
  return text !== undefined && Object.hasOwn(severities, text);
}
