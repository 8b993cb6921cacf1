import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { MsrpUri } from '@parley/msrp';
import type { TlsMaterial } from '@parley/sip-stack/node';
import { isAnnounced } from './fingerprint.ts';
import { oldestTls } from './listen-tcp.ts';

/** How a peer that waits for us is reached. */
export interface DialTarget {
  readonly uri: MsrpUri;
  /** Values of its `a=fingerprint`. */
  readonly fingerprints: readonly string[];
  /** Our certificate, and who may vouch for that of the peer. */
  readonly tls: TlsMaterial;
  /** Milliseconds of silence until the kernel asks whether the peer is there. */
  readonly keepAlive: number;
}

/**
 * Opens a connection to a peer, with TLS where its URI is `msrps`; `connected` is called once it may be spoken to: the
 * certificate is the announced one, or where none was, one for its host that an authority vouches for.
 *
 * @spec RFC 4975 §5.4, §6.2 (all addresses of a host), §14.4
 */
export function dialSocket({ uri, fingerprints, tls, keepAlive }: DialTarget, connected: () => void): Socket {
  const host = uri.host.replace(/^\[(.*)\]$/, '$1');
  const target = { host, port: uri.port ?? 0, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAlive };
  if (uri.scheme === 'msrp') return connect(target, connected);
  const isPinned = fingerprints.length > 0;
  const socket = connectTls({
    ...target,
    ...tls,
    ...(isIP(host) === 0 && { servername: host }),
    minVersion: oldestTls,
    rejectUnauthorized: !isPinned,
  });
  socket.once('secureConnect', () => {
    const certificate = socket.getPeerX509Certificate();
    if (!isPinned || (certificate !== undefined && isAnnounced(certificate.raw, fingerprints))) connected();
    else socket.destroy();
  });
  return socket;
}
