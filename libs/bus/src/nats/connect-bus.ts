import { setTimeout } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import type { Clock, Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { Bus } from '../bus.ts';
import type { BusFailure } from '../bus-failure.ts';
import { busFailure } from '../bus-failure.ts';
import type { BusLogger } from '../logger.ts';
import { silentLogger } from '../logger.ts';
import { TypedBus } from '../typed-bus.ts';
import { Backoff } from './backoff.ts';
import { NatsLink } from './nats-link.ts';
import type { NatsServers } from './server-url.ts';
import { parseServers } from './server-url.ts';

/** How a bus is reached. */
export interface ConnectBusOptions {
  /** Servers of one NATS, e.g. `nats://127.0.0.1:4222` or `nats://token@host:4222`; several separated by commas. */
  readonly url: string;
  /** Name of this process in the monitoring of NATS, e.g. `edge.e1`. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger?: BusLogger;
  /** Copies of each bucket and stream: 1 (the default) for a single NATS, 3 for a cluster. */
  readonly replicas?: number;
  /** Octets that JetStream may fill: streams keep to their shares of it. Undefined: streams fill what there is. */
  readonly storeOctets?: number | undefined;
  /** Milliseconds to go on trying to connect for the first time; default without end. */
  readonly within?: number;
  /** Ends the first attempts. */
  readonly signal?: AbortSignal;
}

/** Half-open connections are found within two of these, milliseconds. */
const pingInterval = 5000;
/** One attempt to connect, milliseconds. */
const dialTimeout = 5000;

/** Connects to NATS; from then on the bus reconnects by itself, for ever, until it is drained. */
export async function connectBus(options: ConnectBusOptions): Promise<Result<Bus, BusFailure>> {
  const { clock, logger = silentLogger, replicas = 1, storeOctets } = options;
  const connected = await firstConnection(options, logger);
  return connected.ok
    ? ok(new TypedBus(new NatsLink(connected.value, { clock, logger, replicas, storeOctets }), clock, logger))
    : connected;
}

async function firstConnection(
  { url, name, clock, within = Infinity, signal }: ConnectBusOptions,
  logger: BusLogger,
): Promise<Result<NatsConnection, BusFailure>> {
  const servers = parseServers(url);
  if (!servers.ok) return servers;
  const deadline = clock.now() + within;
  for (const backoff = new Backoff(); ;) {
    try {
      return ok(await dial(servers.value, name));
    } catch (error) {
      const { delay } = backoff;
      backoff.grow();
      if (signal?.aborted || clock.now() + delay > deadline) {
        return err(busFailure('disconnected', `no NATS at ${servers.value.shown}`, error));
      }
      logger.warn({ servers: servers.value.shown, err: error }, 'NATS cannot be reached yet');
      await pauseFor(delay, signal);
    }
  }
}

function dial({ shown: _, ...servers }: NatsServers, name: string): Promise<NatsConnection> {
  const backoff = new Backoff();
  return connect({
    ...servers,
    name,
    timeout: dialTimeout,
    pingInterval,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: () => backoff.delay,
    ignoreAuthErrorAbort: true, // credentials may be repaired while we run
    noAsyncTraces: true, // a stack trace per request costs more than the request
  }).then((connection) => {
    void followAttempts(connection, backoff);
    return connection;
  });
}

/** The client asks for the delay several times per attempt, so that it may only grow when one is made. */
async function followAttempts(connection: NatsConnection, backoff: Backoff): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'reconnecting') backoff.grow();
    else if (status.type === 'reconnect') backoff.reset();
  }
}

/** A native timer: those of a clock may let the process end, which still has to connect. */
async function pauseFor(delay: number, signal: AbortSignal | undefined): Promise<void> {
  await setTimeout(delay, undefined, signal && { signal }).catch(() => {});
}
