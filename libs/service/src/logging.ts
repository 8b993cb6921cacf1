import { destination, pino, stdTimeFunctions } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from './settings/parley-settings.ts';

/** Properties whose values are never logged, wherever they stand in the first two levels of a record. */
const confidential = [
  'password',
  'secret',
  'token',
  'adminToken',
  'authorization',
  'proxyAuthorization',
  'ha1',
  'ha1Sha256',
  'nonce',
  'body',
  'users',
];

/** What a root logger is made of. */
export interface LoggerOptions {
  readonly service: string;
  readonly instance: string;
  readonly level: LogLevel;
}

/** The root logger of a process: JSON lines on stderr, pretty when that is a terminal. */
export function createLogger({ service, instance, level }: LoggerOptions, stream = standardError()): Logger {
  return pino(
    {
      level,
      base: { service, instance },
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths: confidential.flatMap((name) => [name, `*.${name}`]), censor: '***' },
    },
    stream,
  );
}

/** Declares the loggers of a service's parts once, by name: `const log = childLoggers(root, 'flow', 'registrar')`. */
export function childLoggers<const Name extends string>(root: Logger, ...names: readonly Name[]): Record<Name, Logger> {
  const children = names.map((name) => [name, root.child({ part: name })] as const);
  return Object.fromEntries(children) as Record<Name, Logger>; // has exactly the names that were given
}

function standardError(): DestinationStream {
  if (process.stderr.isTTY) return pretty({ destination: 2, sync: true, colorize: true, ignore: 'pid,hostname' });
  // Synchronous, so that the last line before an exit is out.
  const stream = destination({ fd: 2, sync: true });
  // A launcher that was killed leaves a broken pipe; the drain that follows must not die of its own log.
  stream.on('error', () => {});
  return stream;
}
