import { JetStreamApiCodes, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Clock, Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { BusFailure } from '../bus-failure.ts';
import { busFailure } from '../bus-failure.ts';
import type { Headers, Link, LinkMessage } from '../link.ts';
import { linkFailure } from '../link-guard.ts';
import { Requests } from '../requests.ts';
import { natsFailure } from './nats-failure.ts';

/** How long the store may take, milliseconds: below half a lease, so that a lease is never renewed by a late answer. */
const patience = 3000;

const decoder = new TextDecoder();

/** Outcome of a write to a stream. */
export type Acknowledged =
  | { readonly kind: 'stored'; readonly sequence: number }
  /** Another write came first. */
  | { readonly kind: 'wrong-sequence' };

/** The server's answer to a write or another request, as JSON. */
interface Answer {
  readonly seq?: number;
  readonly success?: boolean;
  readonly error?: { readonly err_code?: number; readonly description?: string };
}

/** JetStream of a connection: work on it fails as a value, and at once when NATS goes away. */
export class JetStream {
  readonly client: JetStreamClient;
  readonly replicas: number;
  /** What all streams together may fill; undefined: nobody said. */
  readonly storeOctets: number | undefined;
  /** What this runs over; its changes of state are those of JetStream. */
  readonly link: Link;
  readonly #connection: NatsConnection;
  readonly #requests: Requests;
  #manager: Promise<JetStreamManager> | undefined;

  constructor(
    connection: NatsConnection,
    link: Link,
    {
      clock,
      replicas,
      storeOctets,
    }: { readonly clock: Clock; readonly replicas: number; readonly storeOctets?: number | undefined },
  ) {
    this.client = jetstream(connection, { timeout: patience });
    this.replicas = replicas;
    this.storeOctets = storeOctets;
    this.link = link;
    this.#connection = connection;
    this.#requests = new Requests(link, clock);
  }

  /** Makes and changes streams; no request is made for having it. */
  manager(): Promise<JetStreamManager> {
    this.#manager ??= jetstreamManager(this.#connection, { timeout: patience, checkAPI: false });
    return this.#manager;
  }

  /** Stores a message and waits for the acknowledgement. */
  async write(subject: string, data: Uint8Array, headers: Headers): Promise<Result<Acknowledged, BusFailure>> {
    const answer = await this.#requests.ask({ subject, data, headers, within: patience });
    return answer.ok ? readAcknowledgement(answer.value) : answer;
  }

  /** Asks the server something; for what is asked often, as the client takes three times as long over it. */
  ask(subject: string, question: unknown): Promise<Result<LinkMessage, BusFailure>> {
    const data = Buffer.from(JSON.stringify(question));
    return this.#requests.ask({ subject, data, headers: [], within: patience });
  }

  /** Does some work with the client while NATS is there. */
  attempt<T>(work: () => Promise<T>): Promise<Result<T, BusFailure>> {
    if (this.link.state !== 'connected') return Promise.resolve(err(linkFailure(this.link)));
    return new Promise((resolve) => {
      const forget = this.link.onState(() => {
        forget();
        resolve(err(linkFailure(this.link)));
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

function readAcknowledgement(answer: LinkMessage): Result<Acknowledged, BusFailure> {
  if (answer.isNoResponder) return err(busFailure('store', 'JetStream: no stream takes the subject now'));
  const { seq, error } = parseAnswer(answer.data);
  if (error?.err_code === JetStreamApiCodes.StreamWrongLastSequence) return ok({ kind: 'wrong-sequence' });
  if (seq !== undefined && error === undefined) return ok({ kind: 'stored', sequence: seq });
  return err(busFailure('store', `JetStream: ${error?.description ?? 'an answer that is none'}`, error));
}

/** An answer of the server in JSON; empty when it is none. */
export function parseAnswer(data: Uint8Array): Answer {
  try {
    // The server is trusted to mean what the field names say; a field that is missing is looked after.
    return JSON.parse(decoder.decode(data)) as Answer;
  } catch {
    return {};
  }
}
