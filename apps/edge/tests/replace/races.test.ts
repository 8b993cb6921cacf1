import { ActorSystem } from '@parley/actor';
import type { Bus, MessageStream } from '@parley/bus';
import { createMemoryBroker } from '@parley/bus';
import { edge, mailboxSubject, streams } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import { createResponseTo, serialise, withBody, withRawField } from '@parley/sip';
import { SimulatedClock } from '@parley/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOfRecordKind, noNews } from '../../src/actors/mailbox/address-of-record.ts';
import type { AddressOfRecordOptions } from '../../src/actors/mailbox/mailbox-state.ts';
import { CopyRemover } from '../../src/actors/mailbox/copy-remover.ts';
import { asItCame } from '../../src/mailbox/delivery-hooks.ts';
import { requestWith } from '../support/messages.ts';
import { bindingOf } from '../support/registered.ts';

const devices = ['d0', 'd1'];
const bindings = devices.map((id) => bindingOf(`<sip:${id}@127.0.0.1>;+sip.instance="${id}"`, { flow: id }));

/** An amendment: of which message, what, and whether it names the last one that replaced it. */
const wish = fc.record({ of: fc.nat(2), recall: fc.boolean(), byLast: fc.boolean() });
/** What a device answers to attempt after attempt, before it takes what it gets. */
const answers = fc.array(fc.constantFrom(480, 503), { maxLength: 3 });

function message(cSeq: number, body: string): SipRequest {
  const request = withRawField(requestWith('MESSAGE sip:bob@localhost'), 'CSeq', `${cSeq} MESSAGE`);
  return withBody(request, 'text/plain', Buffer.from(body));
}

/** A bus whose stores answer when the scheduler says. */
function slowed(bus: Bus, scheduler: fc.Scheduler): Bus {
  const late = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(of, name) {
        const value: unknown = Reflect.get(of, name);
        if (typeof value !== 'function') return value;
        return async (...rest: unknown[]): Promise<unknown> => {
          await scheduler.schedule(Promise.resolve(), String(name));
          const answer: unknown = await Reflect.apply(value, of, rest);
          await scheduler.schedule(Promise.resolve(), `${String(name)} answered`);
          return answer;
        };
      },
    });
  return new Proxy(bus, {
    get(of, name) {
      const value: unknown = Reflect.get(of, name);
      if (typeof value !== 'function') return value;
      const call = (...rest: unknown[]): unknown => Reflect.apply(value, of, rest);
      return name === 'stream' || name === 'bucket' ? (...rest: unknown[]) => late(call(...rest) as object) : call;
    },
  });
}

/** A mailbox with its owner, two devices that answer as they like, and what each of them took. */
class World {
  readonly taken = new Map<string, string[]>(devices.map((device) => [device, []]));
  private readonly clock = new SimulatedClock();
  private readonly scheduler: fc.Scheduler;
  private readonly refusals: Map<string, number[]>;
  private readonly stream: MessageStream<edge.MailboxMessage>;
  private readonly actors;

  constructor(scheduler: fc.Scheduler, refusals: readonly (readonly number[])[]) {
    this.scheduler = scheduler;
    this.refusals = new Map(devices.map((device, i) => [device, [...(refusals[i] ?? [])]]));
    const bus = createMemoryBroker({ clock: this.clock }).connect();
    this.stream = bus.stream(streams.mailbox, edge.MailboxMessage);
    const system = new ActorSystem({ clock: this.clock, observer: { crashed: () => {}, deadLetter: () => {} } });
    this.actors = system.register(addressOfRecordKind(this.options(slowed(bus, scheduler))));
  }

  private options(bus: Bus): AddressOfRecordOptions {
    return {
      bus,
      clock: this.clock,
      remover: new CopyRemover(this.stream, () => 0),
      instance: 'e1',
      hooks: asItCame,
      accountSince: () => 0,
      bindings: { live: () => bindings },
      devices: { remembered: () => devices },
      drained: () => {},
      inflate: () => undefined,
      senderOf: () => 'user alice',
      events: { mailboxStuck: () => {} } as never,
      sender: {
        send: (request, way, user) => {
          const device = way?.kind === 'flow' ? way.flow : '';
          void this.scheduler.schedule(Promise.resolve(), `answer of ${device}`).then(() => {
            const status = this.refusals.get(device)?.shift() ?? 200;
            if (status === 200) this.taken.get(device)?.push(Buffer.from(request.body).toString());
            user.take(createResponseTo(request, status));
          });
        },
      },
    };
  }

  async store(cSeq: number): Promise<edge.StoredCopy> {
    const request = serialise(message(cSeq, `m${cSeq}`), nodeBytes);
    const copy = {
      request,
      storedAt: 0,
      expiresAt: 0,
      notBefore: 0,
      devices,
      accountSince: 0,
      shared: false,
      others: [],
    };
    const appended = unwrap(await this.stream.append(mailboxSubject('bob'), copy, {}));
    return { sequence: appended.outcome === 'appended' ? appended.sequence : 0, devices, octets: request.length };
  }

  hear(news: Partial<edge.MailboxNews>): Promise<edge.AmendedCopies | undefined> {
    const ownership = { shard: 0, epoch: 1, isValid: () => true };
    const question = { ...noNews('bob'), ...news };
    const asked = this.actors.ask('bob', { question, ownership, deadline: 0, trace: undefined }, 1e9);
    return asked.then((answer) => unwrap(answer).amended);
  }

  /** Until nothing happens any more, however long one waits. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3;) {
      await this.clock.run(0);
      if (this.scheduler.count() > 0) {
        await this.scheduler.waitNext(1);
        quiet = 0;
      } else {
        await this.clock.run(20_000);
        quiet++;
      }
    }
  }
}

describe('A race of an amendment against delivery (docs/specs/replace-message.md §8.4)', () => {
  it('has one of two outcomes for each device: the original, or what takes its place; neither lost nor twice', async () => {
    const wishes = fc.array(wish, { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(fc.scheduler(), wishes, answers, answers, async (scheduler, all, ...refusals) => {
      const world = new World(scheduler, refusals);
      const copies = [await world.store(0), await world.store(1), await world.store(2)];
      const outcomes: Promise<unknown>[] = [];
      /** Amendments in the order in which they were carried out, and for whom. */
      const told: { readonly i: number; readonly devices: readonly string[] }[] = [];
      const last = new Map<number, number>();
      void scheduler
        .schedule(Promise.resolve(), 'devices register')
        .then(() => world.hear({ stored: copies, registered: devices }));
      for (const [i, { of, recall, byLast }] of all.entries()) {
        const own = 100 + i;
        const cseq = byLast ? (last.get(of) ?? of) : of;
        last.set(of, own);
        const request = serialise(message(own, `a${i}`), nodeBytes);
        const amend = {
          sender: 'user alice',
          reference: 'c1',
          byCallId: true,
          cseq,
          recall,
          request,
          expiresAt: 0,
          identity: `i${i}`,
        };
        const asked = scheduler.schedule(Promise.resolve(), `amendment ${i}`).then(() => world.hear({ amend }));
        outcomes.push(asked.then((amended) => told.push({ i, devices: amended?.devices ?? [] })));
      }
      await world.settle();
      await Promise.all(outcomes);
      for (const device of devices) {
        const bodies = world.taken.get(device) ?? [];
        for (const of of [0, 1, 2]) {
          const covering = told.filter(({ i, devices: ids }) => all[i]?.of === of && ids.includes(device));
          const i = covering.at(-1)?.i ?? -1;
          const family = [`m${of}`, ...all.flatMap((each, i) => (each.of === of ? [`a${i}`] : []))];
          const got = bodies.filter((body) => family.includes(body));
          const expected = i === -1 ? [`m${of}`] : all[i]?.recall === true ? [] : [`a${i}`];
          expect(got).toEqual(expected);
        }
      }
    });
    await fc.assert(property, { numRuns: 150 });
  });
});
