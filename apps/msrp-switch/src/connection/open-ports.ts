import type { ServiceContext } from '@parley/service';
import { ownCertificate, uriHost } from '@parley/service';
import { loadNative, watchTlsFiles } from '@parley/sip-stack/node';
import type { TlsIdentity, TlsMaterial } from '@parley/sip-stack/node';
import type { SwitchLimits } from '../limits.ts';
import type { Connections } from './connections.ts';
import { ownFingerprint } from './fingerprint.ts';
import { listenTcp, listenTls } from './listen-tcp.ts';
import { listenWebSocket } from './listen-web-socket.ts';
import type { WireKind } from './wire.ts';

/** All ports of the switch; disposing takes no more connections. */
export interface OpenPorts extends Disposable {
  readonly numbers: Readonly<Record<WireKind, number>>;
  /** By the names of `ports.json`. */
  readonly named: Readonly<Record<string, number>>;
  /** As people read them. */
  readonly addresses: readonly string[];
  /** Our certificate, and who may vouch for those of peers. */
  readonly tls: TlsMaterial;
  /** Why the sockets are Node's own and not the add-on's; empty: they are the add-on's. */
  readonly withoutNative: string;
  /** `a=fingerprint` of our certificate, where peers need it. */
  readonly fingerprint: string | undefined;
}

/**
 * Listens for MSRP over TCP, TLS and WebSocket, with the certificate of the settings or one of our own.
 *
 * @throws Error of `listen`, or of the system when the certificate cannot be used
 */
export async function openPorts(
  { settings, clock, logger }: ServiceContext,
  connections: Connections,
  limits: SwitchLimits,
): Promise<OpenPorts> {
  const { host, tlsCa, msrpPort, msrpsPort, msrpWsPort } = settings;
  const files = await ownCertificate(settings, clock.wallTime());
  const onFailure = (error: unknown): void => {
    logger.error({ err: error }, 'the certificate cannot be read again; the old one stays');
  };
  const identity = await watchTlsFiles({ ...files, ...(tlsCa && { ca: tlsCa }) }, { onFailure });
  const { native, reason } = loadNative(settings.nativeSockets);
  const tcp = await listenTcp({ host, port: msrpPort }, connections, limits, native);
  const tls = await listenTls({ host, port: msrpsPort }, connections, limits, identity);
  const ws = await listenWebSocket({ host, port: msrpWsPort }, connections, { clock, limits }, identity);
  const fingerprint = fingerprintOf(identity);
  const named = uriHost(settings.publicHost);
  return {
    numbers: { tcp: tcp.number, tls: tls.number, ws: ws.number },
    named: { msrp: tcp.number, msrps: tls.number, msrpWs: ws.number },
    addresses: [
      `msrp://${named}:${tcp.number};tcp`,
      `msrps://${named}:${tls.number};tcp`,
      `msrp://${named}:${ws.number};ws`,
    ],
    get tls() {
      return identity.current;
    },
    get fingerprint() {
      return fingerprint();
    },
    withoutNative: reason,
    [Symbol.dispose]() {
      identity[Symbol.dispose]();
      for (const port of [tcp, tls, ws]) port[Symbol.dispose]();
    },
  };
}

/** Tells the fingerprint of the certificate that is used at the moment; it is computed once for each. */
function fingerprintOf(identity: TlsIdentity): () => string | undefined {
  let known = { pem: '', fingerprint: undefined as string | undefined };
  return () => {
    const { cert: pem } = identity.current;
    if (pem !== known.pem) known = { pem, fingerprint: ownFingerprint(pem) };
    return known.fingerprint;
  };
}
