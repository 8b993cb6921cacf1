import type { Answerable, ContinuationFlag, MsrpEvent, MsrpRequestHead, MsrpResponse } from '@parley/msrp';
import { checkRequest, isAnswered, msrpUriKey, responseTo, serialiseResponse } from '@parley/msrp';
import type { Connection } from '../connection/connection.ts';
import type { Session } from '../hub/session.ts';
import { pathKeyOf } from '../hub/session.ts';
import type { Switchboard } from '../hub/switchboard.ts';
import type { MessageDesk } from './message-desk.ts';
import type { NicknameDesk } from './nickname-desk.ts';
import { relayReport } from './reports.ts';
import type { SessionDesk } from './session-desk.ts';
import type { Surroundings } from './surroundings.ts';

/** What the connections bring in goes to. */
export interface Desks {
  readonly board: Switchboard;
  readonly sessions: SessionDesk;
  readonly messages: MessageDesk;
  readonly nicknames: NicknameDesk;
}

const methods = ['NICKNAME'];
const isCpim = (contentType: string): boolean => /^message\/cpim *(?:;|$)/i.test(contentType);
const anything = (): boolean => true;

/** Whether a request without content is no part of a message: it binds a connection, or keeps it alive. */
const isWhole = ({ byteRange }: MsrpRequestHead, flag: ContinuationFlag): boolean =>
  flag === '$' && (byteRange?.start ?? 1) === 1;

/** Takes what comes over a connection to the session that it is for. */
export class ConnectionDesk {
  private readonly around: Surroundings;
  private readonly desks: Desks;

  constructor(around: Surroundings, desks: Desks) {
    this.around = around;
    this.desks = desks;
  }

  /** Octets came; all of them are looked at before anything is written. */
  received(connection: Connection, bytes: Uint8Array): void {
    for (const event of connection.reader.push(bytes)) this.take(connection, event);
    if (connection.chunk !== undefined) this.desks.messages.pause(connection.chunk);
    connection.settle();
  }

  /** No octets will come any more. */
  lost(connection: Connection): void {
    this.breakOff(connection);
    const { ending } = connection;
    this.desks.sessions.connectionLost(connection, ending);
    this.around.events.connectionClosed(connection, ending ?? 'closed by the peer');
  }

  private take(connection: Connection, event: MsrpEvent): void {
    if (!connection.isOpen) return;
    switch (event.kind) {
      case 'request':
        this.handle(connection, event.request, event.flag);
        return;
      case 'start':
        this.begin(connection, event.request);
        return;
      case 'body':
        if (connection.chunk !== undefined) this.desks.messages.body(connection.chunk, event.bytes);
        return;
      case 'end':
        this.end(connection, event.flag);
        return;
      case 'response':
        this.note(connection, event.response);
        return;
      case 'error':
        this.breakOff(connection);
        if (event.request !== undefined) this.refuse(connection, event.request, event.status);
        if (event.fatal) connection.close('it does not speak MSRP');
        return;
    }
  }

  private begin(connection: Connection, request: MsrpRequestHead): void {
    const session = this.admit(connection, request);
    if (session === undefined) return;
    if (request.method === 'SEND') connection.chunk = this.desks.messages.begin(connection, session, request);
    else this.carryOut(connection, session, request);
  }

  private end(connection: Connection, flag: ContinuationFlag): void {
    const { chunk } = connection;
    connection.chunk = undefined;
    if (chunk !== undefined) this.desks.messages.end(chunk, flag);
  }

  /** A request without a body. */
  private handle(connection: Connection, request: MsrpRequestHead, flag: ContinuationFlag): void {
    const session = this.admit(connection, request);
    if (session === undefined) return;
    if (request.method !== 'SEND') this.carryOut(connection, session, request);
    else if (isWhole(request, flag)) this.answer(connection, request, 200);
    // The beginning of a message can be empty, and so can the news that it is given up.
    else this.desks.messages.end(this.desks.messages.begin(connection, session, request), flag);
  }

  private carryOut(connection: Connection, session: Session, request: MsrpRequestHead): void {
    if (request.method === 'REPORT') relayReport(session, request, this.around);
    else this.desks.nicknames.take(connection, session, request);
  }

  /** The session that a request is for, bound to this connection; undefined when it was refused. */
  private admit(connection: Connection, request: MsrpRequestHead): Session | undefined {
    const session = this.sessionOf(connection, request);
    if (typeof session === 'number') {
      this.refuse(connection, request, session);
      return undefined;
    }
    const violation = checkRequest(request, {
      methods,
      messageBytes: session.hub.policy.maxSize,
      accepts: request.method === 'SEND' ? isCpim : anything,
    });
    if (violation === undefined) return session;
    this.refuse(connection, request, violation.status);
    return undefined;
  }

  /** @spec RFC 4975 §5.4 (481, 506), §6.1 */
  private sessionOf(connection: Connection, request: MsrpRequestHead): Session | number {
    const { toPath, fromPath } = request;
    const known = connection.known;
    if (known?.session.outlet === connection && known.to === toPath.text && known.from === fromPath.text) {
      return known.session;
    }
    const session = this.desks.board.session(toPath.first.sessionId ?? '');
    if (session?.pathKey !== msrpUriKey(toPath.first)) return 481;
    if (connection.kind !== session.wire) return 481;
    if (session.peerKey === undefined) session.meet(fromPath);
    if (pathKeyOf(fromPath) !== session.peerKey) return 481;
    if (session.outlet !== connection) {
      // A REPORT binds nothing: it may say that our own empty SEND was refused.
      if (request.method === 'REPORT') return 481;
      if (session.isBound) return 506;
      if (connection.sessions.size >= this.around.limits.sessionsPerConnection) return 403;
      // Behind a relay it is the relay's certificate that is seen here.
      if (fromPath.rest.length === 0 && !connection.shows(session.terms.fingerprints)) {
        this.desks.sessions.drop(session, 'its certificate is not the announced one');
        return 403;
      }
      this.desks.sessions.bind(session, connection);
    }
    connection.known = { to: toPath.text, from: fromPath.text, session };
    return session;
  }

  /** A recipient's answer; that it refused is worth a count. @spec RFC 7701 §6.3 */
  private note(connection: Connection, response: MsrpResponse): void {
    const session = this.desks.board.session(response.toPath.first.sessionId ?? '');
    const greeted = session?.greetings?.get(response.transactionId);
    if (greeted !== undefined) {
      greeted(response.code);
      return;
    }
    if (response.code !== 200) this.around.events.passedOver('refused', 1);
    if (session?.outlet === connection) this.desks.messages.answered(session, response);
  }

  private breakOff(connection: Connection): void {
    if (connection.chunk !== undefined) this.desks.messages.abort(connection.chunk);
    connection.chunk = undefined;
  }

  private refuse(connection: Connection, request: Answerable, code: number): void {
    this.around.events.requestRefused(request.method, code);
    this.answer(connection, request, code);
  }

  private answer(connection: Connection, request: Answerable, code: number): void {
    if (isAnswered(request, code)) connection.send(serialiseResponse(responseTo(request, code)));
  }
}
