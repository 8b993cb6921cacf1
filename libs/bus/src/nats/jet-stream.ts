import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { BusFailure } from '../bus-failure.ts';
import type { Link } from '../link.ts';
import { linkFailure } from '../link-guard.ts';
import { natsFailure } from './nats-failure.ts';

/** How long the store may take, milliseconds: below half a lease, so that a lease is never renewed by a late answer. */
const patience = 3000;

/** JetStream of a connection: work on it fails as a value, and at once when NATS goes away. */
export class JetStream {
  readonly client: JetStreamClient;
  readonly replicas: number;
  readonly #connection: NatsConnection;
  readonly #link: Link;
  #manager: Promise<JetStreamManager> | undefined;

  constructor(connection: NatsConnection, link: Link, replicas: number) {
    this.client = jetstream(connection, { timeout: patience });
    this.replicas = replicas;
    this.#connection = connection;
    this.#link = link;
  }

  /** The link that this runs over; its changes of state are those of JetStream. */
  get link(): Link {
    return this.#link;
  }

  /** Makes and changes streams; no request is made for having it. */
  manager(): Promise<JetStreamManager> {
    this.#manager ??= jetstreamManager(this.#connection, { timeout: patience, checkAPI: false });
    return this.#manager;
  }

  /** Does some work while NATS is there. */
  attempt<T>(work: () => Promise<T>): Promise<Result<T, BusFailure>> {
    if (this.#link.state !== 'connected') return Promise.resolve(err(linkFailure(this.#link)));
    return new Promise((resolve) => {
      const forget = this.#link.onState(() => {
        forget();
        resolve(err(linkFailure(this.#link)));
      });
      work().then(
        (value) => {
          forget();
          resolve(ok(value));
        },
        (error: unknown) => {
          forget();
          resolve(err(natsFailure(error)));
        },
      );
    });
  }
}
