import type { ServiceContext } from '@parley/service';

/** One request that was answered. */
export interface Answering {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

/** What happens in this service, as metrics and log lines; what operators change is logged. */
export interface ConsoleEvents {
  userCreated(user: string): void;
  userRemoved(user: string): void;
  passwordSet(user: string): void;
  mailboxCleared(user: string): void;
  listCreated(list: string): void;
  listChanged(list: string): void;
  listRemoved(list: string): void;
  roomCreated(room: string): void;
  policyChanged(room: string): void;
  roomDeleted(room: string): void;
  announced(room: string): void;
  answered(answering: Answering): void;
  /** A handler threw. */
  failed(error: unknown, route: string): void;
  /** A process gave metrics that cannot be read. */
  metricsUnreadable(instance: string): void;
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Reports to the metrics and the log of a process. */
export function consoleEvents({ metrics, logger }: ServiceContext): ConsoleEvents {
  const requests = metrics.counter('http_requests_total', 'HTTP requests answered', ['route', 'method', 'code']);
  const durations = metrics.histogram('http_request_seconds', 'time from request to answer', ['route']);
  return {
    userCreated: (user) => {
      logger.info({ user }, 'user created');
    },
    userRemoved: (user) => {
      logger.info({ user }, 'user removed');
    },
    passwordSet: (user) => {
      logger.info({ user }, 'password set');
    },
    mailboxCleared: (user) => {
      logger.info({ user }, 'mailbox cleared');
    },
    listCreated: (list) => {
      logger.info({ list }, 'list created');
    },
    listChanged: (list) => {
      logger.info({ list }, 'list changed');
    },
    listRemoved: (list) => {
      logger.info({ list }, 'list removed');
    },
    roomCreated: (room) => {
      logger.info({ room }, 'room created');
    },
    policyChanged: (room) => {
      logger.info({ room }, 'policy changed');
    },
    roomDeleted: (room) => {
      logger.info({ room }, 'room deleted');
    },
    announced: (room) => {
      logger.info({ room }, 'announcement handed in');
    },
    answered: ({ route, method, status, seconds }) => {
      requests.inc({ route, method: methods.has(method) ? method : 'other', code: String(status) });
      durations.observe({ route }, seconds);
      logger.debug({ route, method, status }, 'request answered');
    },
    failed: (error, route) => {
      logger.error({ err: error, route }, 'request failed');
    },
    metricsUnreadable: (instance) => {
      logger.warn({ instance }, 'metrics of a process cannot be read');
    },
  };
}
