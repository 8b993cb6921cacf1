import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '@parley/service';
import { common } from '@parley/contracts';
import type { lease, Rpc } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { eventually } from '@parley/testing';
import { declined } from '../src/index.ts';
import type { Bus, BusFailure } from '../src/index.ts';

/** An adapter of the bus, with the means to take its store away. */
export interface BusUnderTest extends AsyncDisposable {
  connect(): Promise<Bus>;
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
}

/** Any question and answer: a census is as small as they come. */
export const ping: Rpc<common.Census, common.HealthCheck> = { request: common.Census, reply: common.HealthCheck };
/** The question of {@link ping}. */
export const question: common.Census = { withMetrics: true };

/** An answer that names who gave it. */
export function answerOf(name: string): common.HealthCheck {
  return { name, healthy: true, detail: '' };
}

/** A shard of somebody; the records of the suites. */
export function leaseOf(owner: string): lease.Holding {
  return { shard: 7, owner, epoch: 1 };
}

/** Why a request failed; throws when it did not. */
export function reasonOf(result: { readonly ok: boolean; readonly error?: BusFailure }): string {
  if (result.ok || !result.error) throw new Error('expected a failure');
  return result.error.reason;
}

/** What every adapter of the bus keeps to: messages. */
export function describeMessages(name: string, start: () => Promise<BusUnderTest>): void {
  const clock = new SystemClock();
  const soon = (milliseconds = 30_000): { deadline: number } => ({ deadline: clock.now() + milliseconds });

  describe(`${name}: messages`, () => {
    let under: BusUnderTest;
    let alice: Bus;
    let bob: Bus;
    let number = 0;
    let subject = '';

    beforeAll(async () => {
      under = await start();
      [alice, bob] = [await under.connect(), await under.connect()];
    });
    afterEach(() => {
      subject = `test.subject.${++number}`;
    });
    afterAll(async () => {
      await alice.drain();
      await bob.drain();
      await under[Symbol.asyncDispose]();
    });

    it('a request reaches who serves its subject, and the answer comes back', async () => {
      subject = 'test.subject.0';
      const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      const served = bob.serve(subject, ping, (request, context) => {
        expect(context.deadline - clock.now()).toBeLessThanOrEqual(30_001);
        return { name: context.trace ?? '', healthy: request.withMetrics, detail: context.subject };
      });
      const answer = await alice.request(subject, ping, question, { ...soon(), trace });
      expect(unwrap(answer)).toEqual({ name: trace, healthy: true, detail: subject });
      await served.stop();
    });

    it('a request that nobody serves is tried again until somebody does', async () => {
      const asked = alice.request(subject, ping, question, soon());
      await eventually(() => {
        expect(alice.counts.retries).toBeGreaterThan(0);
      });
      const served = bob.serve(subject, ping, () => answerOf('late'));
      expect(unwrap(await asked).name).toBe('late');
      await served.stop();
    });

    it('a request that nobody serves until its deadline fails as no-responder, and may be tried again', async () => {
      // Begun anew where the machine was too busy for the last answer to come in time.
      await eventually(async () => {
        const answer = await alice.request(subject, ping, question, soon(1_000));
        expect(answer).toMatchObject({ ok: false, error: { reason: 'no-responder', retryable: true } });
      });
    });

    it('a handler that declines sends the asker on until another answers', async () => {
      let asked = 0;
      const served = bob.serve(subject, ping, () => (++asked < 3 ? declined : answerOf('third')));
      await bob.flush();
      expect(unwrap(await alice.request(subject, ping, question, soon())).name).toBe('third');
      await served.stop();
    });

    it('a request without an answer by its deadline fails as timeout', async () => {
      const served = bob.serve(subject, ping, () => new Promise<common.HealthCheck>(() => {}));
      await bob.flush();
      expect(reasonOf(await alice.request(subject, ping, question, soon(50)))).toBe('timeout');
      expect(reasonOf(await alice.request(subject, ping, question, soon(-1)))).toBe('timeout');
      void served.stop();
    });

    it('a handler that throws is answered for, and its neighbours go on', async () => {
      const served = bob.serve(subject, ping, ({ withMetrics }) => {
        if (withMetrics) throw new Error('broken');
        return answerOf('fine');
      });
      await bob.flush();
      const both = await Promise.all([
        alice.request(subject, ping, question, soon()),
        alice.request(subject, ping, { withMetrics: false }, soon()),
      ]);
      expect(reasonOf(both[0])).toBe('fault');
      expect(unwrap(both[1]).name).toBe('fine');
      await served.stop();
    });

    it('a request or an answer that cannot be read fails as unreadable, for good', async () => {
      const served = bob.serve(subject, ping, () => answerOf('x'));
      await bob.flush();
      const other = { request: common.InstanceStatus, reply: common.HealthCheck };
      const status = { ...aStatus, service: '\ud800x', startedAt: 5 };
      const wrong = { ...other, request: { ...common.InstanceStatus, encode: () => Uint8Array.of(0xff) } };
      expect(await alice.request(subject, wrong, status, soon())).toMatchObject({
        error: { reason: 'unreadable', retryable: false },
      });
      await served.stop();
    });

    it('so many requests are handled at a time and so many wait; the next is answered busy', async () => {
      const open: (() => void)[] = [];
      const handler = (): Promise<common.HealthCheck> =>
        new Promise((resolve) => {
          open.push(() => {
            resolve(answerOf('done'));
          });
        });
      const served = bob.serve(subject, ping, handler, { concurrency: 1, backlog: 1 });
      await bob.flush();
      const asked = [1, 2, 3].map(() => alice.request(subject, ping, question, soon()));
      expect(reasonOf((await asked[2])!)).toBe('busy');
      expect(open).toHaveLength(1);
      open[0]?.();
      expect((await asked[0])?.ok).toBe(true);
      await eventually(() => {
        expect(open).toHaveLength(2);
      });
      open[1]?.();
      expect((await asked[1])?.ok).toBe(true);
      await served.stop();
    });

    it('each request goes to one member of a queue group', async () => {
      let handled = 0;
      const handler = (): common.HealthCheck => answerOf(String(++handled));
      const served = [alice, bob].map((bus) => bus.serve(subject, ping, handler, { queue: 'group' }));
      await Promise.all([alice.flush(), bob.flush()]);
      await Promise.all(Array.from({ length: 20 }, () => alice.request(subject, ping, question, soon())));
      expect(handled).toBe(20);
      await Promise.all(served.map((one) => one.stop()));
    });

    it('a census collects an answer of each who serves it, and none when nobody does', async () => {
      expect(unwrap(await alice.gather(subject, ping, question, { within: 50 }))).toEqual([]);
      const served = [alice, bob].map((bus, i) => bus.serve(subject, ping, () => answerOf(String(i))));
      await Promise.all([alice.flush(), bob.flush()]);
      const answers = unwrap(await alice.gather(subject, ping, question, { within: 30_000, enough: 2 }));
      expect(answers.map((answer) => answer.name).sort()).toEqual(['0', '1']);
      await Promise.all(served.map((one) => one.stop()));
    });

    it('what is published reaches all who listen, in order, by patterns too', async () => {
      const heard: string[] = [];
      const listening = [
        bob.subscribe(`${subject}.*`, common.HealthCheck, (check) => void heard.push(check.name)),
        bob.subscribe(`${subject}.b`, common.HealthCheck, () => {
          throw new Error('a listener that fails disturbs nobody');
        }),
      ];
      await bob.flush();
      for (const each of ['1', '2', '3']) alice.publish(`${subject}.b`, common.HealthCheck, answerOf(each));
      await eventually(() => {
        expect(heard).toEqual(['1', '2', '3']);
      });
      await Promise.all(listening.map((one) => one.stop()));
    });

    it('a subject or message that NATS would not take is refused here, and the connection stays', async () => {
      for (const wrong of ['', 'a..b', 'a b', 'a.*', `a.${'x'.repeat(1100)}`]) {
        expect(reasonOf(alice.publish(wrong, common.Census, question)), wrong).toBe('refused');
      }
      const large = { name: 'x'.repeat(2_000_000), healthy: true, detail: '' };
      expect(reasonOf(alice.publish(subject, common.HealthCheck, large))).toBe('refused');
      const never = alice.subscribe(`a.${'x'.repeat(5000)}`, common.Census, () => {});
      expect((await alice.flush()).ok).toBe(true);
      expect(alice.state).toBe('connected');
      await never.stop();
    });

    it('an answer too large to be sent fails as refused', async () => {
      const served = bob.serve(subject, ping, () => answerOf('x'.repeat(2_000_000)));
      await bob.flush();
      expect(reasonOf(await alice.request(subject, ping, question, soon()))).toBe('refused');
      await served.stop();
    });

    it('while NATS is away requests fail at once, those in flight too, and service resumes by itself', async () => {
      const states: string[] = [];
      const forget = alice.onState((state) => states.push(state));
      const served = bob.serve(subject, ping, () => new Promise<common.HealthCheck>(() => {}));
      await bob.flush();
      const inFlight = alice.request(subject, ping, question, soon(60_000));
      await alice.flush();
      await under.goAway();
      expect(await inFlight).toMatchObject({ ok: false, error: { reason: 'disconnected', retryable: true } });
      expect(reasonOf(await alice.request(subject, ping, question, soon(60_000)))).toBe('disconnected');
      expect(reasonOf(alice.publish(subject, common.Census, question))).toBe('disconnected');
      expect(reasonOf(await alice.gather(subject, ping, question, { within: 60_000 }))).toBe('disconnected');
      void served.stop();
      const again = bob.serve(subject, ping, () => answerOf('back'));
      await under.comeBack();
      await eventually(() => {
        expect([alice.state, bob.state]).toEqual(['connected', 'connected']);
      });
      expect(unwrap(await alice.request(subject, ping, question, soon())).name).toBe('back');
      expect(states).toEqual(['disconnected', 'connected']);
      forget();
      await again.stop();
    });

    it('draining finishes what was taken, then closes', async () => {
      const carol = await under.connect();
      const handlers: (() => void)[] = [];
      carol.serve(subject, ping, async () => {
        await new Promise<void>((resolve) => handlers.push(resolve));
        return answerOf('finished');
      });
      await carol.flush();
      const asked = alice.request(subject, ping, question, soon());
      await eventually(() => {
        expect(handlers).toHaveLength(1);
      });
      const drained = carol.drain();
      await eventually(() => {
        expect(carol.state).toBe('draining');
      });
      handlers[0]?.();
      await drained;
      expect(unwrap(await asked).name).toBe('finished');
      expect(carol.state).toBe('closed');
      expect(reasonOf(await carol.request(subject, ping, question, soon()))).toBe('closed');
      expect(reasonOf(carol.publish(subject, common.Census, question))).toBe('closed');
    });
  });
}

const aStatus: common.InstanceStatus = {
  service: '',
  instance: '',
  version: '',
  startedAt: 0,
  ready: true,
  draining: false,
  pid: 1,
  addresses: [],
  metrics: new Uint8Array(0),
  checks: [],
};
