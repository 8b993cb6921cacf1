import { createTransactionId, serialiseRequest } from '@parley/msrp';
import type { Path } from '@parley/msrp';
import type { SessionDesk } from '../actors/session-desk.ts';
import type { Surroundings } from '../actors/surroundings.ts';
import type { Session } from '../hub/session.ts';
import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import { dialSocket } from './dial-socket.ts';
import type { OpenPorts } from './open-ports.ts';
import { SocketWire } from './socket-wire.ts';

/**
 * Opens the connection of a session whose peer waits for us, and binds it with an empty SEND that is answered.
 *
 * @spec RFC 4975 §5.4, §7.1; RFC 6135 §4.2 (setup:active)
 */
export function dialer(
  around: Surroundings,
  sessions: SessionDesk,
  connections: Connections,
  ports: Pick<OpenPorts, 'tls'>,
): (session: Session) => void {
  return (session) => {
    const { peerPath } = session;
    if (peerPath?.first.port === undefined) return;
    const { first: uri } = peerPath;
    const { bindTime, keepAlive } = around.limits;
    const { fingerprints } = session.terms;
    const socket = dialSocket({ uri, fingerprints, tls: ports.tls, keepAlive }, () => {
      socket.setTimeout(0);
      if (session.life !== 'waiting') {
        socket.destroy();
        return;
      }
      const connection = connections.adopt(new SocketWire(socket, uri.scheme === 'msrps' ? 'tls' : 'tcp'));
      greet(session, connection, peerPath, { around, sessions });
    });
    socket.setTimeout(bindTime, () => socket.destroy());
    socket.on('error', () => {}); // the session is lost when its time is up
  };
}

/** Milliseconds until a peer that knew nothing of the session is asked again. */
const greetAgain = 250;

/**
 * Binds a session when the peer answers. Our connection may be faster than the SIP answer with our path: a peer that does not
 * know the session yet is asked again, until the time of the session is up.
 *
 * @spec RFC 4975 §5.4 (481 where From-Path is of no session)
 */
function greet(
  session: Session,
  connection: Connection,
  peerPath: Path,
  parts: { readonly around: Surroundings; readonly sessions: SessionDesk },
): void {
  const { around, sessions } = parts;
  const transactionId = createTransactionId(around.random);
  const isAwaited = (): boolean => session.life === 'waiting' && connection.isOpen;
  const answered = (code: number): void => {
    session.greetings?.delete(transactionId);
    if (!isAwaited()) {
      if (session.outlet !== connection) connection.close('its session is bound elsewhere, or over');
    } else if (code === 200) sessions.bind(session, connection);
    else if (code !== 481) connection.close('its peer does not want the session');
    else
      around.clock.after(greetAgain, () => {
        if (isAwaited()) greet(session, connection, peerPath, parts);
      });
  };
  session.greetings ??= new Map();
  session.greetings.set(transactionId, answered);
  connection.send(emptySend(session, peerPath, { transactionId, around }));
}

function emptySend(
  { path }: Session,
  peerPath: Path,
  { transactionId, around }: { readonly transactionId: string; readonly around: Surroundings },
): string {
  return serialiseRequest(
    {
      transactionId,
      method: 'SEND',
      toPath: peerPath,
      fromPath: path,
      messageId: createTransactionId(around.random),
      successReport: undefined,
      failureReport: undefined,
      byteRange: { start: 1, end: 0, total: 0 },
      status: undefined,
      contentType: undefined,
      fields: [],
    },
    '$',
  );
}
