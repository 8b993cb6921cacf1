import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const subprotocol = 'msrp';
const version = '13';

/** @spec RFC 6455 §1.3 */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Sixteen octets in base64. */
const keyPattern = /^[A-Za-z0-9+/]{22}==$/;

const listed = (value: string | undefined): readonly string[] =>
  (value ?? '').split(',').map((name) => name.trim().toLowerCase());

const refusal = (status: string, more = ''): string =>
  `HTTP/1.1 ${status}\r\n${more}Connection: close\r\nContent-Length: 0\r\n\r\n`;

/**
 * The answer to a request that cannot become a WebSocket for MSRP; undefined when it can.
 *
 * @spec RFC 7977 §4.1, RFC 6455 §4.2.1, §4.4
 */
export function objection({ url, method, headers }: IncomingMessage): string | undefined {
  const [path] = (url ?? '').split('?');
  if (path !== '/') return refusal('404 Not Found');
  if (headers['sec-websocket-version'] !== version) {
    return refusal('426 Upgrade Required', `Sec-WebSocket-Version: ${version}\r\n`);
  }
  const isWebSocket = method === 'GET' && listed(headers.upgrade).includes('websocket');
  const isKeyed = keyPattern.test(headers['sec-websocket-key'] ?? '');
  const isForMsrp = listed(headers['sec-websocket-protocol']).includes(subprotocol);
  return isWebSocket && isKeyed && isForMsrp ? undefined : refusal('400 Bad Request');
}

/**
 * The answer that makes a connection a WebSocket. A page of any origin may use it: who joins a session is proved by its
 * path, not by cookies.
 *
 * @spec RFC 6455 §4.2.2, RFC 7977 §4.1, §7 (CORS)
 */
export function acceptance({ headers }: IncomingMessage): string {
  const accept = createHash('sha1')
    .update(`${headers['sec-websocket-key'] ?? ''}${acceptSuffix}`)
    .digest('base64');
  const { origin } = headers;
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${subprotocol}\r\n` +
    `${origin === undefined ? '' : `Access-Control-Allow-Origin: ${origin}\r\n`}\r\n`
  );
}
