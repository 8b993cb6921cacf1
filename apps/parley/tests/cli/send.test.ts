import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from './fixtures.ts';
import { parley } from './fixtures.ts';

/** Header fields that a response copies (RFC 3261 §8.2.6.2). */
const copied = /^(?:via|from|to|call-id|cseq|v|f|t|i): .*$/gim;

/** A server of SIP over TCP that answers by the user part of the Request-URI: sip:202@… gets 202, and so does tel:+202. */
class Answering {
  readonly server = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.#take(socket, text);
    });
  });
  readonly requests: string[] = [];

  #take(socket: Socket, request: string): void {
    this.requests.push(request);
    const status = /^MESSAGE (?:sip:|im:|tel:\+)(\d+)/.exec(request)?.[1] ?? '400';
    const fields = request.match(copied) ?? [];
    socket.write(
      `SIP/2.0 ${status} Answer\r\n${fields.map((field) => `${field.trim()}\r\n`).join('')}Content-Length: 0\r\n\r\n`,
    );
  }
}

const answering = new Answering();
const send = (...words: string[]): Promise<Outcome> => {
  const { port } = answering.server.address() as AddressInfo;
  const server = `sip:127.0.0.1:${port};transport=tcp`;
  return parley(['send', '--from', 'alice', '--password', 'secret', '--server', server, ...words]);
};

beforeAll(() => new Promise<void>((resolve) => answering.server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  answering.server.close();
});

describe('parley send', () => {
  it('sends a MESSAGE and ends with 0 on a 2xx, which it prints', async () => {
    expect(await send('sip:202@localhost', 'Grüße')).toEqual({ code: 0, stdout: '202 Answer\n', stderr: '' });
    const request = answering.requests.at(-1) ?? '';
    expect(request).toMatch(/^MESSAGE sip:202@localhost SIP\/2\.0\r\n/);
    expect(request).toMatch(/^From: .*sip:alice@localhost/m);
    expect(request).toMatch(/^Content-Type: text\/plain;charset=UTF-8\r$/m);
    expect(request).toMatch(/\r\n\r\nGrüße$/);
  });

  it('takes a name for an account of the domain, and any type', async () => {
    expect(await send('--type', 'text/html', '200', '<b>hi</b>', '--json')).toMatchObject({ code: 0 });
    expect(answering.requests.at(-1)).toMatch(/^MESSAGE sip:200@localhost [^]*Content-Type: text\/html\r\n/);
  });

  it.each(['im:202@localhost', 'tel:+202'])(
    'sends to %s as it stands, by the server (RFC 3860 §3, RFC 3966 §3)',
    async (to) => {
      expect(await send(to, 'hi')).toMatchObject({ code: 0, stdout: '202 Answer\n' });
      const request = answering.requests.at(-1) ?? '';
      expect(request.startsWith(`MESSAGE ${to} SIP/2.0\r\n`)).toBe(true);
      expect(request).toContain(`\r\nTo: <${to}>\r\n`);
    },
  );

  it('sends to several by the list service: to, cc and bcc (RFC 5365 §6)', async () => {
    // The stand-in answers 400 to what is not for a number.
    const sent = await send('bob,sip:carol@localhost', '--cc', 'dave', '--bcc', 'erin, frank', 'Lunch?');
    expect(sent).toMatchObject({ code: 1, stdout: '400 Answer\n' });
    const request = answering.requests.at(-1) ?? '';
    expect(request).toMatch(/^MESSAGE sip:list@localhost SIP\/2\.0\r\n/);
    expect(request).toMatch(/^Require: recipient-list-message\r$/m);
    expect(request).toMatch(/^Content-Type: multipart\/mixed;boundary=/m);
    expect(request).toContain('Content-Disposition: recipient-list\r\n');
    expect(request).toContain('Content-Type: text/plain;charset=UTF-8\r\n\r\nLunch?\r\n');
    const entries = [...request.matchAll(/<entry uri="([^"]*)" cp:copyControl="([^"]*)"/g)].map(([, uri, role]) => [
      uri,
      role,
    ]);
    expect(entries).toEqual([
      ['sip:bob@localhost', 'to'],
      ['sip:carol@localhost', 'to'],
      ['sip:dave@localhost', 'cc'],
      ['sip:erin@localhost', 'bcc'],
      ['sip:frank@localhost', 'bcc'],
    ]);
  });

  it('ends with 1 on any other final response, which it prints too', async () => {
    const refused = await send('sip:404@localhost', 'x');
    expect(refused).toMatchObject({ code: 1, stdout: '404 Answer\n' });
    expect(refused.stderr).toBe('parley: the message was answered 404: nobody has that address\n');
  });

  it('ends with 2 on an address that is none', async () => {
    expect(await send('mailto:bob@localhost', 'x')).toMatchObject({ code: 2, stdout: '' });
    expect(await send('--server', 'nonsense', 'bob', 'x')).toMatchObject({ code: 2, stdout: '' });
  });

  it('ends with 3 where nobody takes SIP', async () => {
    expect(await send('--server', 'sip:127.0.0.1:1', 'bob', 'x')).toMatchObject({ code: 3, stdout: '' });
  });
});
