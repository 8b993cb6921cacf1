import type { ServiceContext } from '@parley/service';
import type { Connection } from './connection/connection.ts';
import type { Session } from './hub/session.ts';

/** Why a recipient did not get a message that its room got. */
export type PassedOver = 'type' | 'size' | 'unbound' | 'refused';

/** What became of a message. */
export type MessageOutcome = 'room' | 'private' | 'refused' | 'reported';

/** What happens in this service, as metrics and log lines. */
export interface SwitchEvents {
  connectionOpened(connection: Connection): void;
  connectionRefused(address: string, why: string): void;
  connectionClosed(connection: Connection, why: string): void;
  /** A fault of ours while something was done for a connection; only that connection ends. */
  connectionFailed(connection: Connection, error: unknown): void;
  sessionOpened(session: Session): void;
  sessionBound(session: Session): void;
  sessionEnded(session: Session, reason: string): void;
  messageBegun(session: Session, outcome: MessageOutcome): void;
  delivered(count: number): void;
  passedOver(reason: PassedOver, count: number): void;
  requestRefused(method: string, code: number): void;
  nicknameAnswered(code: number): void;
  focusSilent(session: Session, what: string, why: string): void;
  historyWritten(count: number): void;
  historyFailed(room: string, why: string): void;
  /** A fault of ours while one message was dealt with. */
  errandFailed(session: Session, error: unknown): void;
  withoutNativeSockets(reason: string): void;
}

const few = new Set(['SEND', 'NICKNAME', 'AUTH']);

/** Reports to the metrics and the log of a process; bodies and nicknames stay out of both. */
export function switchEvents({ metrics, logger }: ServiceContext): SwitchEvents {
  const connections = metrics.counter('msrp_connections_total', 'connections, by what became of them', ['event']);
  const sessions = metrics.counter('msrp_sessions_total', 'sessions, by what happened to them', ['event']);
  const messages = metrics.counter('msrp_messages_total', 'messages that came in, by what became of them', ['outcome']);
  const deliveries = metrics.counter('msrp_deliveries_total', 'chunks sent to recipients');
  const passedOver = metrics.counter('msrp_passed_over_total', 'recipients left out of a message', ['reason']);
  const refused = metrics.counter('msrp_refused_total', 'requests refused, by method and code', ['method', 'code']);
  const history = metrics.counter('msrp_history_messages_total', 'messages written to the history of rooms');
  const historyFailures = metrics.counter('msrp_history_failures_total', 'writes to the history that failed');
  const nicknames = metrics.counter('msrp_nicknames_total', 'NICKNAME requests, by the code of the answer', ['code']);
  const naming = ({ id, terms, hub }: Session) => ({ session: id, participant: terms.participant, room: hub.room });
  return {
    connectionOpened({ address }) {
      connections.inc({ event: 'opened' });
      logger.debug({ address }, 'MSRP connection opened');
    },
    connectionRefused(address, why) {
      connections.inc({ event: 'refused' });
      logger.warn({ address, why }, 'MSRP connection refused');
    },
    connectionClosed({ address }, why) {
      connections.inc({ event: 'closed' });
      logger.debug({ address, why }, 'MSRP connection closed');
    },
    connectionFailed({ address }, error) {
      connections.inc({ event: 'failed' });
      logger.error({ err: error, address }, 'MSRP connection failed');
    },
    sessionOpened(session) {
      sessions.inc({ event: 'opened' });
      logger.debug(naming(session), 'session opened');
    },
    sessionBound(session) {
      sessions.inc({ event: 'bound' });
      logger.info(naming(session), 'session bound');
    },
    sessionEnded(session, reason) {
      sessions.inc({ event: 'ended' });
      logger.info({ ...naming(session), reason }, 'session ended');
    },
    messageBegun(session, outcome) {
      messages.inc({ outcome });
      if (logger.isLevelEnabled('trace')) logger.trace({ ...naming(session), outcome }, 'message');
    },
    delivered(count) {
      deliveries.inc(count);
    },
    passedOver(reason, count) {
      if (count > 0) passedOver.inc({ reason }, count);
    },
    requestRefused(method, code) {
      refused.inc({ method: few.has(method) ? method : 'other', code });
    },
    nicknameAnswered(code) {
      nicknames.inc({ code });
    },
    historyWritten(count) {
      history.inc(count);
    },
    historyFailed(room, why) {
      historyFailures.inc();
      logger.warn({ room, why }, 'the history of a room was not written');
    },
    withoutNativeSockets(reason) {
      logger.info({ reason }, 'TCP goes through the sockets of Node');
    },
    errandFailed(session, error) {
      refused.inc({ method: 'SEND', code: 'fault' });
      logger.error({ ...naming(session), err: error }, 'a message could not be dealt with');
    },
    focusSilent(session, what, why) {
      logger.error({ ...naming(session), what, why }, 'the focus was not told');
    },
  };
}
