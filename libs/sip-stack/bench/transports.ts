/*
 * A bare proxy: one thread takes messages from flows and sends them on over one other flow; another thread makes the
 * load, a fixed number of messages under way. Figures are of the proxy's thread alone; the baseline of each case passes
 * the octets on unread.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { createRequest, serialise } from '@parley/sip';
import type { Flow, FlowObserver } from '../src/index.ts';
import { createConnector, listenTcp, listenUdp } from '../src/node/index.ts';
import type { Load } from './transports-load.ts';

const milliseconds = 3_000;
const anywhere = { host: '127.0.0.1', port: 0 };

const message = serialise(
  createRequest({
    method: 'MESSAGE',
    requestUri: 'sip:bob@192.0.2.4;transport=tcp',
    fields: [
      ['Via', 'SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK776asdhds;rport'],
      ['Max-Forwards', '70'],
      ['Route', '<sip:proxy.example.com;lr>'],
      ['From', '"Alice" <sip:alice@example.com>;tag=1928301774'],
      ['To', '<sip:bob@example.com>'],
      ['Call-ID', 'a84b4c76e66710@192.0.2.1'],
      ['CSeq', '314159 MESSAGE'],
      ['User-Agent', 'bench'],
      ['Content-Type', 'text/plain;charset=utf-8'],
    ],
    body: new Uint8Array(150).fill(97),
  }),
);

/** A proxy under test: where it listens, and how many messages it has passed on. */
interface Subject extends AsyncDisposable {
  readonly port: number;
  passed(): number;
}

class Forwarder implements FlowObserver {
  count = 0;
  target: Flow | undefined;

  onMessage(incoming: Parameters<FlowObserver['onMessage']>[0]): void {
    this.count++;
    this.target?.send(incoming);
  }

  onClosed(): void {}
}

async function udpFlows(sink: number): Promise<Subject> {
  const observer = new Forwarder();
  const listener = await listenUdp(anywhere, { observer });
  observer.target = listener.flowTo({ address: '127.0.0.1', port: sink });
  return {
    port: listener.local.port,
    passed: () => observer.count,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

async function udpRaw(sink: number): Promise<Subject> {
  let count = 0;
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4_194_304 });
  socket.on('message', (datagram) => {
    count++;
    socket.send(datagram, sink, '127.0.0.1');
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    passed: () => count,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

async function tcpFlows(sink: number): Promise<Subject> {
  const observer = new Forwarder();
  const listener = await listenTcp(anywhere, { observer });
  const connector = createConnector({ observer, limits: { queueOctets: 67_108_864 } });
  observer.target = connector.flowTo({ protocol: 'TCP', address: '127.0.0.1', port: sink, serverName: '' });
  return {
    port: listener.local.port,
    passed: () => observer.count,
    async [Symbol.asyncDispose]() {
      await Promise.all([listener[Symbol.asyncDispose](), connector[Symbol.asyncDispose]()]);
    },
  };
}

async function tcpRaw(sink: number): Promise<Subject> {
  let octets = 0;
  const target = connect({ port: sink, host: '127.0.0.1', noDelay: true });
  await once(target, 'connect');
  target.on('error', () => {});
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      octets += chunk.length;
      target.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    passed: () => octets / message.length,
    [Symbol.asyncDispose]: async () => {
      target.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function measure(kind: Load['kind'], connections: number, begin: (sink: number) => Promise<Subject>) {
  const data: Load = { kind, message, connections, underWay: kind === 'udp' ? 64 : 64 * connections };
  const worker = new Worker(new URL('./transports-load.ts', import.meta.url), { workerData: data });
  const [sink] = (await once(worker, 'message')) as [number];
  const subject = await begin(sink);
  worker.postMessage(subject.port);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const [before, from, start] = [performance.eventLoopUtilization(), subject.passed(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  const busy = performance.eventLoopUtilization(before);
  const passed = subject.passed() - from;
  const rate = passed / ((performance.now() - start) / 1000);
  await worker.terminate();
  await subject[Symbol.asyncDispose]();
  return { rate, micros: (busy.active * 1000) / passed };
}

const cases = [
  ['UDP', 'udp', 1, udpFlows, udpRaw],
  ['TCP, 1 connection in', 'tcp', 1, tcpFlows, tcpRaw],
  ['TCP, 50 connections in', 'tcp', 50, tcpFlows, tcpRaw],
] as const;

console.log(`bare proxy of a MESSAGE of ${message.length} octets`);
for (const [name, kind, connections, flows, raw] of cases) {
  const baseline = await measure(kind, connections, raw);
  const measured = await measure(kind, connections, flows);
  const ratio = measured.micros / baseline.micros;
  console.log(
    `${name}: ${Math.round(measured.rate)}/s, ${measured.micros.toFixed(1)} µs each; ` +
      `octets unread ${Math.round(baseline.rate)}/s, ${baseline.micros.toFixed(1)} µs; ratio ${ratio.toFixed(2)}`,
  );
}
