import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { transportFailure } from '@parley/prelude';
import type { MsrpUri } from '@parley/msrp';
import { WebSocket } from 'ws';
import type { RawData } from 'ws';
import type { BytePipe, OpenPipe, PipeObserver } from '../msrp/byte-pipe.ts';

/** How MSRP connections are opened. */
export interface PipeOptions {
  /** PEM of the authorities to trust; default the system's. */
  readonly ca?: string;
  /** Whether the switch must prove its name; default true. False is for laboratories. */
  readonly verify?: boolean;
  /** Milliseconds; default 5000. */
  readonly connectTimeout?: number;
}

function hostOf(uri: MsrpUri): string {
  return uri.host.startsWith('[') ? uri.host.slice(1, -1) : uri.host;
}

function portOf(uri: MsrpUri): number {
  return uri.port ?? 2855;
}

function tlsOptions({ ca, verify = true }: PipeOptions): {
  readonly ca?: string;
  readonly rejectUnauthorized: boolean;
} {
  return { ...(ca === undefined ? {} : { ca }), rejectUnauthorized: verify };
}

async function openStream(uri: MsrpUri, observer: PipeObserver, options: PipeOptions): Promise<BytePipe> {
  const at = { host: hostOf(uri), port: portOf(uri) };
  const secure = uri.scheme === 'msrps';
  const socket: Socket = secure ? connectTls({ ...at, ...tlsOptions(options) }) : connectTcp(at);
  socket.setNoDelay(true);
  const signal = AbortSignal.timeout(options.connectTimeout ?? 5_000);
  try {
    await once(socket, secure ? 'secureConnect' : 'connect', { signal });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  let cause: Error | undefined;
  socket.on('error', (error) => (cause = error));
  socket.on('data', (bytes) => {
    observer.onBytes(bytes);
  });
  socket.on('close', () => {
    observer.onClosed(cause && transportFailure(cause.message, true, cause));
  });
  return { write: (bytes) => void socket.write(bytes), close: () => void socket.end() };
}

function octetsOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

async function openWebSocket(uri: MsrpUri, observer: PipeObserver, options: PipeOptions): Promise<BytePipe> {
  const scheme = uri.scheme === 'msrps' ? 'wss' : 'ws';
  const webSocket = new WebSocket(`${scheme}://${uri.host}:${portOf(uri)}/`, 'msrp', {
    perMessageDeflate: false,
    handshakeTimeout: options.connectTimeout ?? 5_000,
    ...tlsOptions(options),
  });
  await once(webSocket, 'open');
  let cause: Error | undefined;
  webSocket.on('error', (error) => (cause = error));
  webSocket.on('message', (data) => {
    observer.onBytes(octetsOf(data));
  });
  webSocket.on('close', () => {
    observer.onClosed(cause && transportFailure(cause.message, true, cause));
  });
  return {
    write: (bytes) => {
      webSocket.send(bytes);
    },
    close: () => {
      webSocket.close();
    },
  };
}

/** Opens MSRP connections from Node: TCP, TLS for `msrps`, WebSocket for `;ws`. @spec RFC 4975 §5.4, RFC 7977 §5 */
export function nodePipes(options: PipeOptions = {}): OpenPipe {
  return (uri, observer) =>
    uri.transport === 'ws' ? openWebSocket(uri, observer, options) : openStream(uri, observer, options);
}
