/** What the bus says about itself: a pino logger, or anything of its shape. */
export interface BusLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Says nothing. */
export const silentLogger: BusLogger = { info() {}, warn() {}, error() {} };
