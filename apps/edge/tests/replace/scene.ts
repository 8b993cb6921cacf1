import type { Bus } from '@parley/bus';
import { connectBus } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { readRaw } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { startNats } from '@parley/testing';
import type { NatsServer } from '@parley/testing';
import { cpimBody } from '../support/cpim.ts';
import type { CpimShape } from '../support/cpim.ts';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

export const bob = 'sip:bob@localhost';
export const cpim = 'Content-Type: message/cpim';
/** What a device says that can replace and recall. */
export const able = ['Supported: replace-message'];

/** The next message that comes, answered. */
export async function take(phone: Phone, status = 200): Promise<SipRequest> {
  const request = await phone.incoming();
  phone.answer(request, status);
  return request;
}

/** Text of the body of a request. */
export function bodyOf({ body }: SipRequest): string {
  return Buffer.from(body).toString();
}

/** The text of so many messages, each answered. */
export async function takeBodies(phone: Phone, count: number): Promise<string[]> {
  const bodies: string[] = [];
  while (bodies.length < count) bodies.push(bodyOf(await take(phone)));
  return bodies;
}

/** Contact of a device. */
export function device(phone: Phone, name: string, expires = 600): string {
  return `${phone.contact};+sip.instance="<urn:uuid:${name}>";expires=${expires}`;
}

/** Names a message of the sender by its Call-ID. */
export function naming(callId: string, cSeq: number | undefined, action = ''): string {
  return `Replaces-Message: "${callId}"${cSeq === undefined ? '' : `;cseq=${cSeq}`}${action}`;
}

/** A NATS, an edge, and alice. */
export class Scene implements AsyncDisposable {
  readonly nats: NatsServer;
  readonly edge: TestEdge;
  readonly alice: Phone;

  private constructor(nats: NatsServer, edge: TestEdge, alice: Phone) {
    this.nats = nats;
    this.edge = edge;
    this.alice = alice;
  }

  static async open(): Promise<Scene> {
    const nats = await startNats();
    const edge = await startTestEdge({ bus: await Scene.connect(nats), env: { PARLEY_LEASE_MS: '10000' } });
    return new Scene(nats, edge, await Phone.tcp(edge.port, 'alice'));
  }

  static async connect(nats: NatsServer): Promise<Bus> {
    return unwrap(await connectBus({ url: nats.url, name: 'edge', clock: systemClock }));
  }

  phone(user: string): Promise<Phone> {
    return Phone.tcp(this.edge.port, user);
  }

  /** Sends a text that is stored; the CSeq number of its request. */
  async send(text: string, ...fields: readonly string[]): Promise<number> {
    const response = await this.alice.message(bob, text, fields);
    if (response.statusCode !== 202) throw new Error(`expected 202, got ${response.statusCode}`);
    return Number.parseInt(readRaw(response, 'CSeq') ?? '', 10);
  }

  /** Sends an amendment with a text, or none. */
  async amend(text: string, ...fields: readonly string[]): Promise<number> {
    return (await this.alice.message(bob, text, fields)).statusCode;
  }

  /** Sends a message in CPIM. */
  async wrapped(text: string, shape: CpimShape, ...fields: readonly string[]): Promise<number> {
    const options = { body: cpimBody(text, shape), fields: [cpim, ...fields] };
    return (await this.alice.request('MESSAGE', bob, options)).statusCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.alice[Symbol.asyncDispose]();
    await this.edge[Symbol.asyncDispose]();
    await this.nats[Symbol.asyncDispose]();
  }
}
