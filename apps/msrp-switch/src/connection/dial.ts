import { createTransactionId, serialiseRequest } from '@parley/msrp';
import type { Path } from '@parley/msrp';
import type { SessionDesk } from '../actors/session-desk.ts';
import type { Surroundings } from '../actors/surroundings.ts';
import type { Session } from '../hub/session.ts';
import type { Connections } from './connections.ts';
import { dialSocket } from './dial-socket.ts';
import type { OpenPorts } from './open-ports.ts';
import { SocketWire } from './socket-wire.ts';

/**
 * Opens the connection of a session whose peer waits for us, and binds it with an empty SEND.
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
      connection.send(emptySend(session, peerPath, around));
      sessions.bind(session, connection);
    });
    socket.setTimeout(bindTime, () => socket.destroy());
    socket.on('error', () => {}); // the session is lost when its time is up
  };
}

function emptySend({ path }: Session, peerPath: Path, { random }: Surroundings): string {
  return serialiseRequest(
    {
      transactionId: createTransactionId(random),
      method: 'SEND',
      toPath: peerPath,
      fromPath: path,
      messageId: createTransactionId(random),
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
