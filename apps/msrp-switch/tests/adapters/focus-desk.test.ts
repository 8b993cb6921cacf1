import { shardOf } from '@parley/actor';
import { createMemoryBus } from '@parley/bus';
import type { Bus } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { rpc, shardSubject } from '@parley/contracts';
import { systemRandom } from '@parley/service';
import { eventually, SimulatedClock } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FocusDesk } from '../../src/adapters/focus-desk.ts';
import type { SwitchEvents } from '../../src/events.ts';
import type { Session } from '../../src/hub/session.ts';

const room = 'sip:lobby@chat.localhost';
const done: focus.FocusReply = { outcome: { kind: 'done', value: {} } };
const unknown: focus.FocusReply = {
  outcome: { kind: 'refusal', value: { status: 400, phrase: 'Bad Request', message: '', retryAfter: 0 } },
};

/** Of a session a focus is told no more than this. */
const session = (id: string): Session =>
  ({ id, hub: { room }, terms: { participant: `p${id}` } }) as unknown as Session;

describe('What a focus is told of sessions', () => {
  let clock: SimulatedClock;
  let bus: Bus;
  let desk: FocusDesk;
  let told: string[];
  let knowsCrowds: boolean;

  beforeEach(() => {
    clock = new SimulatedClock();
    bus = createMemoryBus({ clock });
    told = [];
    knowsCrowds = true;
    const events = { focusSilent: (_: Session, what: string) => told.push(`${what} given up`) };
    desk = new FocusDesk(bus, clock, systemRandom, events as unknown as SwitchEvents);
    bus.serve(shardSubject('focus', shardOf(room)), rpc.focus, ({ command }): focus.FocusReply => {
      if (command?.kind === 'participantsBound' && !knowsCrowds) return unknown;
      told.push(wordsOf(command));
      return done;
    });
  });
  afterEach(() => bus[Symbol.asyncDispose]());

  it('is each bound session, those that are bound at about the same time together', async () => {
    desk.bound(session('1'));
    await eventually(() => {
      expect(told).toEqual(['bound 1']);
    });
    for (const id of ['2', '3', '4']) desk.bound(session(id));
    await eventually(() => {
      clock.advance(25);
      expect(told).toEqual(['bound 1', 'bound 2 3 4']);
    });
  });

  it('is each of them for itself, where it knows nothing else', async () => {
    knowsCrowds = false;
    for (const id of ['1', '2', '3']) desk.bound(session(id));
    await eventually(() => {
      clock.advance(25);
      expect(told).toEqual(['bound 1', 'bound 2', 'bound 3']);
    });
  });

  it('is that a session is lost only behind its being bound', async () => {
    const [one, other] = [session('1'), session('2')];
    desk.bound(one);
    desk.bound(other);
    desk.lost(other, 'gone');
    desk.lost(one, 'gone');
    await eventually(() => {
      clock.advance(25);
      expect(told).toEqual(['bound 1', 'lost 1', 'bound 2', 'lost 2']);
    });
  });
});

function wordsOf(command: focus.FocusCommand['command']): string {
  switch (command?.kind) {
    case 'participantBound':
      return `bound ${command.value.session}`;
    case 'participantsBound':
      return `bound ${command.value.items.map((item) => item.session).join(' ')}`;
    case 'participantLost':
      return `lost ${command.value.session}`;
    default:
      return String(command?.kind);
  }
}
