import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { Dice } from '@parley/testing';
import { startInnerEdge } from '../inner-edge.ts';
import { mutate } from './mutate.ts';
import { freshRequest, tortureSeeds } from './seeds.ts';

/** What a run over sockets found. */
export interface SocketReport {
  readonly inputs: number;
  /** Connections that were made, since the edge ends those whose framing is lost. */
  readonly connections: number;
  readonly faults: readonly string[];
  /** Whether the edge still answers an OPTIONS over both transports. */
  readonly alive: boolean;
}

/** Inputs after which the sockets get their turn. */
const perTurn = 50;

/** Sends mutated messages to the sockets of an edge, over UDP and TCP in turn. */
export async function fuzzSockets(inputs: number, seed: number): Promise<SocketReport> {
  await using edge = await startInnerEdge({
    PARLEY_AUTH: 'none',
    PARLEY_DNS: '127.0.0.1:9',
    PARLEY_TRUSTED_HOSTS: '127.0.0.1',
  });
  const { sip: port } = edge.service.core.ports;
  const dice = new Dice(seed);
  const seeds = tortureSeeds();
  const udp = createSocket('udp4');
  const stream = new Stream(port);
  for (let i = 0; i < inputs; i++) {
    const octets = dice.percent(50)
      ? mutate(freshRequest(dice), dice.upTo(4), dice, dice.pick(seeds))
      : mutate(dice.pick(seeds), dice.upTo(5), dice, dice.pick(seeds));
    if (dice.percent(50)) udp.send(octets, port, '127.0.0.1');
    else await stream.write(octets);
    if (i % perTurn === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  stream.end();
  udp.close();
  await once(udp, 'close');
  return { inputs, connections: stream.connections, faults: edge.errors, alive: await isAlive(port) };
}

/** A connection, and the next one when it was ended. */
class Stream {
  connections = 0;
  private readonly port: number;
  private socket: Socket | undefined;

  constructor(port: number) {
    this.port = port;
  }

  async write(octets: Buffer): Promise<void> {
    if (this.socket?.writable !== true) await this.begin();
    this.socket?.write(octets);
  }

  end(): void {
    this.socket?.destroy();
  }

  private async begin(): Promise<void> {
    this.connections++;
    const socket = connect(this.port, '127.0.0.1');
    socket.on('error', () => {
      socket.destroy();
    });
    socket.resume();
    this.socket = socket;
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  }
}

async function isAlive(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    [
      'OPTIONS sip:localhost SIP/2.0',
      'Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKalive',
      'From: <sip:alice@localhost>;tag=a',
      'To: <sip:localhost>',
      'Call-ID: alive',
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
      '\r\n',
    ].join('\r\n'),
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString('latin1').startsWith('SIP/2.0 200');
}
