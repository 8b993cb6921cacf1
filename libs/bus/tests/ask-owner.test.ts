import { describe, expect, it } from 'vitest';
import { unwrap } from '@parley/prelude';
import { SimulatedClock } from '@parley/testing';
import { askOwner, createMemoryBroker, ownerSubject } from '../src/index.ts';
import { answerOf, ping, question, reasonOf } from './bus-suite.ts';

const room = 'sip:lobby@chat.localhost';

function scene() {
  const clock = new SimulatedClock();
  const broker = createMemoryBroker({ clock });
  const [asker, owner] = [broker.connect(), broker.connect()];
  const ask = (deadline = 8_000) => askOwner(asker, 'focus', room, ping, question, { deadline });
  const serve = (answer: () => Promise<ReturnType<typeof answerOf>> | ReturnType<typeof answerOf>) =>
    owner.serve(ownerSubject('focus', room), ping, answer);
  const after = (delay: number) => new Promise<void>((resolve) => clock.after(delay, resolve));
  return { clock, asker, ask, serve, after };
}

describe('the owner of a shard', () => {
  it('is asked again after 2 s: who took the question may have died with it', async () => {
    const { clock, ask, serve } = scene();
    let questions = 0;
    serve(() => (++questions === 1 ? new Promise(() => {}) : answerOf('successor')));
    const answer = ask();
    await clock.run(2_000);
    expect(unwrap(await answer).name).toBe('successor');
  });

  it('may be slow: its answer to the first question counts, and nothing is asked behind it', async () => {
    const { clock, ask, serve, after } = scene();
    let questions = 0;
    serve(async () => {
      const question = ++questions;
      await after(3_000);
      return answerOf(`answer ${question}`);
    });
    const answer = ask();
    await clock.run(20_000);
    expect(unwrap(await answer).name).toBe('answer 1');
    expect([questions, clock.pending]).toEqual([2, 0]);
  });

  it('is not looked for any more once somebody has answered', async () => {
    const { clock, ask, serve, after } = scene();
    const leaving = serve(async () => {
      await after(2_500);
      return answerOf('last word');
    });
    const answer = ask();
    await clock.run(1_000);
    void leaving.stop();
    await clock.run(1_600);
    expect(unwrap(await answer).name).toBe('last word');
    let late = 0;
    serve(() => {
      late++;
      return answerOf('successor');
    });
    await clock.run(20_000);
    expect(late).toBe(0);
  });

  it('that never comes is waited for until the deadline', async () => {
    const { clock, ask } = scene();
    const answer = ask(5_000);
    await clock.run(5_000);
    expect(reasonOf(await answer)).toBe('no-responder');
    await clock.run(0);
    expect(clock.pending).toBe(0);
  });
});
