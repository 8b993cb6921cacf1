import { ActorSystem } from '@parley/actor';
import type { Bus, MessageStream } from '@parley/bus';
import { createMemoryBroker } from '@parley/bus';
import { buckets, edge, mailboxKey, mailboxSubject, streams } from '@parley/contracts';
import { err, unwrap } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { createResponseTo, serialise, withBody } from '@parley/sip';
import { SimulatedClock } from '@parley/testing';
import { addressOfRecordKind, noNews } from '../../src/actors/mailbox/address-of-record.ts';
import { CopyRemover } from '../../src/actors/mailbox/copy-remover.ts';
import type { AddressOfRecordOptions } from '../../src/actors/mailbox/mailbox-state.ts';
import { asItCame } from '../../src/mailbox/delivery-hooks.ts';
import type { MessageFate } from '../../src/mailbox/delivery-hooks.ts';
import type { Binding } from '../../src/registrar/binding.ts';
import { requestWith } from './messages.ts';
import { bindingOf } from './registered.ts';

/** The only device, where nobody names others. */
export const device = 'd0';

/** What a store does before it answers; what is returned instead of nothing is its answer. */
export type Trouble = (method: string) => Promise<unknown>;

/** A bus whose streams and buckets do that before each answer; what is watched is told all the same. */
export function troubled(bus: Bus, trouble: Trouble): Bus {
  const wrap = <T extends object>(target: T, kind: string): T =>
    new Proxy(target, {
      get(of, name) {
        const value: unknown = Reflect.get(of, name);
        if (typeof value !== 'function') return value;
        if (name === 'watch') return (...rest: unknown[]): unknown => Reflect.apply(value, of, rest);
        return async (...rest: unknown[]): Promise<unknown> => {
          const answer = await trouble(`${kind} ${String(name)}`);
          return answer ?? (await Reflect.apply(value, of, rest));
        };
      },
    });
  return new Proxy(bus, {
    get(of, name) {
      const value: unknown = Reflect.get(of, name);
      if (typeof value !== 'function') return value;
      if (name !== 'stream' && name !== 'bucket')
        return (...rest: unknown[]): unknown => Reflect.apply(value, of, rest);
      return (...rest: [{ readonly name: string }]) => wrap(Reflect.apply(value, of, rest) as object, rest[0].name);
    },
  });
}

/** What a store answers that is away. */
export const away = err({ kind: 'TransportFailure', reason: 'disconnected', message: 'NATS is away', retryable: true });

/** A mailbox with its owner, and devices. */
export class MailboxWorld {
  readonly devices: readonly string[];
  readonly clock = new SimulatedClock();
  readonly taken: string[] = [];
  readonly bus = createMemoryBroker({ clock: this.clock }).connect();
  trouble: Trouble = () => Promise.resolve();
  /** What the sender of a message was told. */
  readonly told: MessageFate['kind'][] = [];
  /** Milliseconds that it takes to tell a sender. */
  telling = 1;
  /** Milliseconds that each device takes over a message. */
  slowness: Readonly<Record<string, number>> = {};
  /** What devices answer, and when they were sent something. */
  answers = 200;
  readonly tried: number[] = [];
  /** When the last REGISTER of each device came. */
  registeredAt = 0;
  /** The connection of each device. */
  flow = 'f';
  /** Devices without a binding. */
  away: readonly string[] = [];
  /** Devices that do not answer in the end. */
  silent: readonly string[] = [];
  isValid = true;
  private readonly stream: MessageStream<edge.MailboxMessage>;
  private readonly actors;

  constructor(devices = [device]) {
    this.devices = devices;
    this.stream = this.bus.stream(streams.mailbox, edge.MailboxMessage);
    const system = new ActorSystem({ clock: this.clock, observer: { crashed: () => {}, deadLetter: () => {} } });
    this.actors = system.register(addressOfRecordKind(this.options()));
  }

  private options(): AddressOfRecordOptions {
    return {
      bus: troubled(this.bus, (method) => this.trouble(method)),
      clock: this.clock,
      remover: new CopyRemover(this.stream, () => 0),
      instance: 'e1',
      hooks: {
        ...asItCame,
        became: (_account, _request, { kind }) => {
          this.told.push(kind);
          return new Promise((resolve) => {
            this.clock.after(this.telling, resolve);
          });
        },
      },
      accountSince: () => 0,
      bindings: { live: () => this.devices.filter((id) => !this.away.includes(id)).map((id) => this.bindingFor(id)) },
      devices: { remembered: () => this.devices },
      drained: () => {},
      inflate: () => undefined,
      senderOf: () => 'user alice',
      events: { mailboxStuck: () => {} } as never,
      sender: {
        send: (request, _, user) => {
          const to = /^sip:([^@]*)@/.exec(request.requestUri)?.[1] ?? '';
          this.clock.after(this.slowness[to] ?? 0, () => {
            if (this.silent.includes(to)) {
              user.lose(480);
              return;
            }
            this.tried.push(this.clock.now());
            if (this.answers === 200) this.taken.push(Buffer.from(request.body).toString());
            user.take(createResponseTo(request, this.answers));
          });
        },
      },
    };
  }

  private bindingFor(id: string): Binding {
    const binding = bindingOf(`<sip:${id}@127.0.0.1>;+sip.instance="${id}"`, { flow: `${id}${this.flow}` });
    return { ...binding, refreshedAt: this.registeredAt };
  }

  /**
   * @param rest - milliseconds before which it may not be tried
   * @param lifetime - milliseconds that it is kept; 0: for ever
   */
  async store(body: string, rest = 0, devices = [device], lifetime = 0): Promise<edge.StoredCopy> {
    const request = serialise(
      withBody(requestWith('MESSAGE sip:bob@localhost'), 'text/plain', Buffer.from(body)),
      nodeBytes,
    );
    const now = this.clock.wallTime();
    const expiresAt = lifetime === 0 ? 0 : now + lifetime;
    const copy = { request, storedAt: now, expiresAt, accountSince: 0, shared: false, others: [] };
    const whole = { ...copy, notBefore: rest === 0 ? 0 : now + rest, devices };
    const appended = unwrap(await this.stream.append(mailboxSubject('bob'), whole));
    const sequence = appended.outcome === 'appended' ? appended.sequence : 0;
    return { sequence, devices, octets: request.length, expiresAt };
  }

  private command(news: Partial<edge.MailboxNews>) {
    const ownership = { shard: 0, epoch: 1, isValid: () => this.isValid };
    return { question: { ...noNews('bob'), ...news }, ownership, deadline: 0, trace: undefined };
  }

  tell(news: Partial<edge.MailboxNews>): void {
    this.actors.tell('bob', this.command(news));
  }

  /** Whether the owner says that it has heard. */
  async hear(news: Partial<edge.MailboxNews>): Promise<boolean> {
    const asked = this.actors.ask('bob', this.command(news), 2_000);
    await this.clock.run(2_000);
    return (await asked).ok;
  }

  async summary(): Promise<edge.MailboxRecord | undefined> {
    return unwrap(await this.bus.bucket(buckets.mailboxes, edge.MailboxRecord).get(mailboxKey('bob')))?.value;
  }
}
