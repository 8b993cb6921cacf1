import type { Clock } from '@parley/prelude';
import type { Bus } from '../bus.ts';
import type { BusLogger } from '../logger.ts';
import { silentLogger } from '../logger.ts';
import { TypedBus } from '../typed-bus.ts';
import { MemoryHub } from './memory-hub.ts';
import { MemoryLink } from './memory-link.ts';

/** What a stand-in for NATS needs. */
export interface MemoryBusOptions {
  readonly clock: Clock;
  readonly logger?: BusLogger;
}

/** A stand-in for a NATS server with JetStream, in this process; for tests of what uses a bus. */
export interface MemoryBroker {
  /** One more client. */
  connect(logger?: BusLogger): Bus;
  /** Cuts every client off: requests fail as they do when NATS is away. What is stored stays. */
  readonly goAway: () => void;
  /** Lets the clients reconnect. */
  readonly comeBack: () => void;
}

/** Makes a {@link MemoryBroker}. */
export function createMemoryBroker({ clock, logger = silentLogger }: MemoryBusOptions): MemoryBroker {
  const hub = new MemoryHub(clock);
  const links = new Set<MemoryLink>();
  const all = (state: 'connected' | 'disconnected'): void => {
    for (const link of links) link.setState(state);
  };
  return {
    connect: (ownLogger = logger) => {
      const link = new MemoryLink(hub);
      links.add(link);
      return new TypedBus(link, clock, ownLogger);
    },
    goAway: () => {
      all('disconnected');
    },
    comeBack: () => {
      all('connected');
    },
  };
}

/** The bus of the only client of a {@link MemoryBroker}. */
export function createMemoryBus(options: MemoryBusOptions): Bus {
  return createMemoryBroker(options).connect();
}
