import { createHash, randomUUID } from 'node:crypto';
import { openWire } from './wire.ts';
import type { Wire } from './wire.ts';

/** A user agent whose SIP is written by hand, over one TCP connection, in one dialog. */
export interface RawCaller extends Disposable {
  readonly wire: Wire;
  /** Sends a request, in the dialog once there is one, and waits for its final response; every NOTIFY is answered 200. */
  ask(method: string, lines?: readonly string[], body?: string): Promise<string>;
}

const password = 'secret';

/** Somebody who is about to call. */
export async function openCaller(port: number, name: string, target: string): Promise<RawCaller> {
  const wire = await openWire(port);
  const [callId, tag] = [randomUUID(), randomUUID().slice(0, 8)];
  let [sequence, to, routes, uri] = [0, `<${target}>`, '', target];
  const own = `127.0.0.1:${wire.socket.localPort ?? 0}`;
  answerNotifies(wire);

  const write = (method: string, lines: readonly string[], body: string): void => {
    const head = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/TCP ${own};branch=z9hG4bK${randomUUID()}`,
      ...(routes === '' ? [] : [`Route: ${routes}`]),
      'Max-Forwards: 70',
      `From: <sip:${name}@localhost>;tag=${tag}`,
      `To: ${to}`,
      `Call-ID: ${callId}`,
      `CSeq: ${sequence} ${method}`,
      `Contact: <sip:${name}@${own};transport=tcp>`,
      ...lines,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    wire.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  };
  const exchange = async (method: string, lines: readonly string[], body: string): Promise<string> => {
    sequence++;
    write(method, lines, body);
    const final = `SIP/2\\.0 [2-6](?:(?!\\r\\n\\r\\n)[^])*CSeq: ${sequence} ${method}\r\n[^]*?\r\n\r\n`;
    const [response] = await wire.receives(new RegExp(final));
    if (method === 'INVITE') {
      [, to = to] = /^To: (.*)\r$/m.exec(response) ?? [];
      [, routes = routes] = /^Record-Route: (.*)\r$/m.exec(response) ?? [];
      [, uri = uri] = /^Contact: <([^>]*)>/m.exec(response) ?? [];
      write('ACK', [], '');
    }
    return response;
  };
  return {
    wire,
    ask: async (method, lines = [], body = '') => {
      const response = await exchange(method, lines, body);
      const challenge = /^WWW-Authenticate: Digest .*algorithm=MD5.*$/m.exec(response)?.[0];
      if (challenge === undefined) return response;
      [to, uri] = [`<${target}>`, target];
      return await exchange(method, [...lines, credentials(challenge, name, method, uri)], body);
    },
    [Symbol.dispose]: () => {
      wire[Symbol.dispose]();
    },
  };
}

/** @spec RFC 7616 §3.4 */
function credentials(challenge: string, name: string, method: string, uri: string): string {
  const said = (key: string): string => new RegExp(`${key}="([^"]*)"`).exec(challenge)?.[1] ?? '';
  const md5 = (...parts: readonly string[]): string => createHash('md5').update(parts.join(':')).digest('hex');
  const [realm, nonce, cnonce, nc] = [said('realm'), said('nonce'), 'c1', '00000001'];
  const response = md5(md5(name, realm, password), nonce, nc, cnonce, 'auth', md5(method, uri));
  return (
    `Authorization: Digest username="${name}", realm="${realm}", nonce="${nonce}", uri="${uri}", ` +
    `response="${response}", algorithm=MD5, qop=auth, cnonce="${cnonce}", nc=${nc}`
  );
}

function answerNotifies(wire: Wire): void {
  let answered = 0;
  wire.socket.on('data', () => {
    const heads = [...wire.received.matchAll(/^NOTIFY [^]*?\r\n\r\n/gm)];
    for (const [head] of heads.slice(answered)) {
      const copied = head.match(/^(?:Via|From|To|Call-ID|CSeq): .*$/gm) ?? [];
      const lines = copied.map((line) => line.trimEnd());
      wire.write(['SIP/2.0 200 OK', ...lines, 'Content-Length: 0', '', ''].join('\r\n'));
    }
    answered = heads.length;
  });
}
