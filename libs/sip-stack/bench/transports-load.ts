import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** What the load is told: where to send what, over how many connections, and how many messages may be under way. */
export interface Load {
  readonly kind: 'udp' | 'tcp';
  readonly message: Uint8Array;
  readonly connections: number;
  readonly underWay: number;
}

const load = workerData as Load;
const message = Buffer.from(load.message);
let sources: { send(count: number): void }[] = [];
let next = 0;

function refill(count: number): void {
  for (let i = 0; i < count; i++) sources[next++ % sources.length]?.send(1);
}

function runUdp(port: number): Promise<void> {
  const source = createSocket('udp4');
  sources = [
    {
      send() {
        source.send(message, port, '127.0.0.1');
      },
    },
  ];
  return Promise.resolve();
}

async function runTcp(port: number): Promise<void> {
  const sockets = await Promise.all(
    Array.from({ length: load.connections }, async () => {
      const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
      await new Promise((resolve) => socket.once('connect', resolve));
      return socket;
    }),
  );
  sources = sockets.map((socket) => {
    let due = 0;
    return {
      send(count) {
        if (due === 0) {
          setImmediate(() => {
            socket.write(Buffer.concat(new Array<Buffer>(due).fill(message)));
            due = 0;
          });
        }
        due += count;
      },
    };
  });
}

function sinkUdp(): void {
  const sink = createSocket({ type: 'udp4', recvBufferSize: 4_194_304 });
  sink.on('message', () => {
    refill(1);
  });
  sink.bind(0, '127.0.0.1', () => {
    parentPort?.postMessage(sink.address().port);
  });
}

function sinkTcp(): void {
  const sink = createServer((socket) => {
    let octets = 0;
    socket.on('data', (chunk) => {
      octets += chunk.length;
      refill(Math.floor(octets / message.length));
      octets %= message.length;
    });
  });
  sink.listen(0, '127.0.0.1', () => {
    parentPort?.postMessage((sink.address() as AddressInfo).port);
  });
}

parentPort?.on('message', (port: number) => {
  void (load.kind === 'udp' ? runUdp(port) : runTcp(port)).then(() => {
    refill(load.underWay);
  });
});

if (load.kind === 'udp') sinkUdp();
else sinkTcp();
