import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { connect as connectTls } from 'node:tls';
import { parsePath, serialiseRequest } from '@parley/msrp';
import { unwrap } from '@parley/prelude';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWebSocketStream, WebSocket } from 'ws';
import { frameHead } from '../src/connection/web-socket-wire.ts';
import { defaultSwitchLimits } from '../src/limits.ts';
import type { Offer } from './support/house.ts';
import { House, room, uriOf } from './support/house.ts';
import { cpim, Peer } from './support/peer.ts';

const portOf = (path: string): number => unwrap(parsePath(path, 1)).first.port ?? 0;

describe('The ways to the switch', () => {
  let house: House;
  let alice: Peer;
  const hello = cpim(uriOf('alice'), room, 'hello');
  beforeAll(async () => {
    house = await House.open({ limits: { ...defaultSwitchLimits, handshakeTime: 1_500, rebindTime: 200 } });
    alice = await house.join('alice');
  });
  afterAll(() => house[Symbol.asyncDispose]());

  async function openTls({ toPath, fromPath }: Offer): Promise<Peer> {
    const socket = connectTls({ port: portOf(toPath), host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    return house.adopt(new Peer(socket, toPath, fromPath));
  }

  async function openWebSocket(scheme: 'ws' | 'wss', port: number, protocol = 'msrp', path = '/'): Promise<WebSocket> {
    const webSocket = new WebSocket(`${scheme}://127.0.0.1:${port}${path}`, protocol, { rejectUnauthorized: false });
    await once(webSocket, 'open');
    return webSocket;
  }

  it('are TLS for msrps (RFC 4975 §6), with messages of any size', async () => {
    const offer = await house.offer('tls', { scheme: 'msrps', peerPath: ['msrps://tls.example.com:7654/t;tcp'] });
    expect(offer.toPath).toMatch(/^msrps:.*;tcp$/);
    const peer = await openTls(offer);
    expect(await peer.bind()).toBe(200);
    const long = cpim(uriOf('alice'), room, 'x'.repeat(300_000));
    await alice.say(long);
    await expect.poll(() => peer.sends.at(-1)?.flag).toBe('$');
    expect(peer.sends.map(({ body }) => body).join('')).toBe(long);
    const before = alice.sends.length;
    expect(await peer.say(cpim(uriOf('tls'), room, 'secret'))).toBe(200);
    await alice.heard(before + 1);
  });

  it('are refused when the session is for another: msrps MUST be TLS', async () => {
    const offer = await house.offer('careless', { scheme: 'msrps' });
    const plain = offer.toPath.replace(`:${portOf(offer.toPath)}/`, `:${house.service.ports?.['msrp']}/`);
    const peer = await house.connect({ ...offer, toPath: plain });
    expect(await peer.bind()).toBe(481);
  });

  it.each(['ws', 'wss'] as const)('are WebSockets: %s on the same port (RFC 7977 §4)', async (scheme) => {
    const peerPath = [`msrp://${scheme}.invalid:2855/${scheme}session;ws`];
    const { toPath, fromPath } = await house.offer(scheme, { transport: 'ws', peerPath });
    expect(toPath).toMatch(/^msrp:.*;ws$/);
    const webSocket = await openWebSocket(scheme, portOf(toPath));
    const peer = house.adopt(new Peer(createWebSocketStream(webSocket), toPath, fromPath));
    expect(await peer.bind()).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1_800)); // longer than a handshake may take
    const messages: string[] = [];
    webSocket.on('message', (data: Buffer) => messages.push(data.toString('latin1')));
    for (let i = 0; i < 20; i++) alice.shout(hello, { failureReport: 'no' });
    await peer.heard(20);
    // Each MSRP chunk MUST be carried within a single WebSocket message (RFC 7977 §5.1).
    expect(messages).toHaveLength(20);
    for (const message of messages) expect(message).toMatch(/^MSRP [^]*\$\r\n$/);
    const before = alice.sends.length;
    const long = cpim(uriOf(scheme), room, 'x'.repeat(100_000));
    expect(await peer.say(long)).toBe(200);
    // It goes on while it comes, though it is one message of the WebSocket.
    await expect.poll(() => alice.sends.at(-1)?.flag, { timeout: 30_000 }).toBe('$');
    const bodies = alice.sends.slice(before).map(({ body }) => body);
    expect(bodies.join('') === long).toBe(true);
    webSocket.ping('are you there');
    const [answer] = (await once(webSocket, 'pong')) as [Buffer];
    expect(answer.toString()).toBe('are you there');
    webSocket.close();
    await house.hasTold('participantLost', scheme);
  });

  it('keep a WebSocket open by pings (RFC 7977 §6)', async () => {
    await using lively = await House.open({ limits: { ...defaultSwitchLimits, pingTime: 50 } });
    const webSocket = await openWebSocket('ws', lively.service.ports?.['msrpWs'] ?? 0);
    await once(webSocket, 'ping');
    await once(webSocket, 'ping');
    webSocket.terminate();
  });

  it('take text frames as octets (RFC 7977 §4.2)', async () => {
    const { toPath, fromPath } = await house.offer('text', {
      transport: 'ws',
      peerPath: ['msrp://t.invalid:1/text;ws'],
    });
    const webSocket = await openWebSocket('ws', portOf(toPath));
    const head = new Peer(createWebSocketStream(webSocket), toPath, fromPath).head({ messageId: 'bind' });
    webSocket.send(serialiseRequest(head, '$'));
    const [answer] = (await once(webSocket, 'message')) as [Buffer];
    expect(answer.toString()).toContain(' 200 ');
    webSocket.terminate();
  });

  it('refuse handshakes without the subprotocol msrp, at another path, and those that never come (RFC 7977 §4.1)', async () => {
    const port = house.service.ports?.['msrpWs'] ?? 0;
    await expect(openWebSocket('ws', port, 'sip')).rejects.toThrow('400');
    await expect(openWebSocket('ws', port, 'msrp', '/elsewhere')).rejects.toThrow('404');
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(426);
    const silent = await house.connect({
      toPath: `msrp://127.0.0.1:${port}/x;tcp`,
      fromPath: 'msrp://x:1/x;tcp',
      session: '',
    });
    await silent.closed();
  });

  it('tell a page of any origin that it may (RFC 7977 §7), and other versions which one is spoken (RFC 6455 §4.4)', async () => {
    const port = house.service.ports?.['msrpWs'] ?? 0;
    const webSocket = new WebSocket(`ws://127.0.0.1:${port}/`, 'msrp', { origin: 'https://chat.example.com' });
    const [{ headers }] = (await once(webSocket, 'upgrade')) as [IncomingMessage];
    expect(headers['access-control-allow-origin']).toBe('https://chat.example.com');
    webSocket.terminate();
    const old = new WebSocket(`ws://127.0.0.1:${port}/`, 'msrp', { protocolVersion: 8 });
    const [request, response] = (await once(old, 'unexpected-response')) as [ClientRequest, IncomingMessage];
    expect([response.statusCode, response.headers['sec-websocket-version']]).toEqual([426, '13']);
    request.destroy();
  });

  it('answer the end of a WebSocket with its code (RFC 6455 §5.5.1), and close one that breaks the rules', async () => {
    const port = house.service.ports?.['msrpWs'] ?? 0;
    const polite = await openWebSocket('ws', port);
    polite.close(1001);
    const [code] = (await once(polite, 'close')) as [number];
    expect(code).toBe(1001);
    const broken = await openWebSocket('ws', port);
    broken.send('an answer to nothing', { mask: false, binary: true });
    expect((await once(broken, 'close'))[0]).toBe(1002);
  });

  it('close a WebSocket with its last session', async () => {
    const { toPath, fromPath, session } = await house.offer('gone', {
      transport: 'ws',
      peerPath: ['msrp://g.invalid:1/gone;ws'],
    });
    const webSocket = await openWebSocket('ws', portOf(toPath));
    const peer = house.adopt(new Peer(createWebSocketStream(webSocket), toPath, fromPath));
    await peer.bind();
    const closed = once(webSocket, 'close');
    await house.command({ kind: 'close', value: { session, reason: 'BYE' } });
    await closed;
  });
});

describe('The head of a WebSocket frame (RFC 6455 §5.2)', () => {
  it.each([
    [5, [0x82, 5]],
    [125, [0x82, 125]],
    [126, [0x82, 126, 0, 126]],
    [65_535, [0x82, 126, 255, 255]],
    [65_536, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
  ])('says that %i octets follow', (octets, head) => {
    expect([...frameHead(octets)]).toEqual(head);
  });
});
