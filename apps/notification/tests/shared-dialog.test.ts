import { createMemoryBroker } from '@parley/bus';
import { readConferenceInfo } from '@parley/conference-info';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import type { SipResponse } from '@parley/sip';
import { readRaw } from '@parley/sip';
import { eventually, testContext } from '@parley/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { startNotification } from '../src/service.ts';
import type { SubscribeShape } from './peers.ts';
import { EdgePeer, FocusPeer, newRoom, participant, subscribe, tagOf } from './peers.ts';

const environment = { PARLEY_LEASE_MS: '60000' };

describe('a SUBSCRIBE within the dialog of a participant (RFC 6665 §4.5.2)', () => {
  const broker = createMemoryBroker({ clock: systemClock });
  const bus = broker.connect();
  const edge = new EdgePeer(bus, 'e1');
  const context = testContext('notification', { environment });
  const service = startNotification(context, broker.connect());

  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await bus.drain();
  });

  /** A room that Bob has joined; `toTag` is the focus's tag of his dialog. */
  function joined(callId: string) {
    const room = newRoom();
    const focus = new FocusPeer(bus, room);
    focus.change({ joined: [participant('bob')] });
    focus.dialogs.set(`focus-${callId}`, 'bob');
    let cSeq = 1;
    const ask = (more: Partial<SubscribeShape> = {}): Promise<SipResponse> =>
      subscribe(bus, { room, callId, toTag: `focus-${callId}`, cSeq: ++cSeq, ...more });
    return { room, focus, ask };
  }

  const versionsOf = ({ notices }: FocusPeer) =>
    notices.filter(({ body }) => body.length > 0).map(({ body }) => unwrap(readConferenceInfo(body)).version);

  it('is accepted under the tag of that dialog, in which the focus sends its NOTIFYs', async () => {
    const { focus, ask } = joined('share');
    const response = await ask();
    expect([response.statusCode, tagOf(response), readRaw(response, 'Expires')]).toEqual([200, 'focus-share', '600']);
    await eventually(() => {
      expect(focus.notices).toMatchObject([
        { participant: 'bob', event: 'conference', subscriptionState: 'active;expires=600', last: false },
      ]);
    });
    focus.change({ joined: [participant('carol')] });
    await eventually(() => {
      expect(versionsOf(focus)).toEqual([1, 2]);
    });
    expect(edge.of('share')).toEqual([]);
  });

  it('refreshes the subscription that is there, and ends it with Expires: 0', async () => {
    const { focus, ask } = joined('refresh');
    await ask();
    expect(readRaw(await ask({ expires: 300 }), 'Expires')).toBe('300');
    await eventually(() => {
      expect(focus.notices.at(-1)?.subscriptionState).toBe('active;expires=300');
    });
    expect((await ask({ event: 'conference;id=2' })).statusCode).toBe(481);
    expect((await ask({ expires: 0 })).statusCode).toBe(200);
    await eventually(() => {
      expect(focus.notices.at(-1)).toMatchObject({ subscriptionState: 'terminated;reason=timeout', last: true });
    });
    // The dialog goes on, and takes another subscription.
    await eventually(async () => {
      expect((await ask()).statusCode).toBe(200);
    });
  });

  it('fetches the state with Expires: 0 where there is no subscription (RFC 6665 §4.4.3)', async () => {
    const { focus, ask } = joined('fetch-shared');
    expect((await ask({ expires: 0 })).statusCode).toBe(200);
    await eventually(() => {
      expect(focus.notices).toMatchObject([{ subscriptionState: 'terminated;reason=timeout', last: true }]);
      expect(versionsOf(focus)).toEqual([1]);
    });
  });

  it('MUST be answered 481 where nobody is in such a dialog (RFC 3261 §12.2.2)', async () => {
    const { ask } = joined('stranger');
    expect((await ask({ toTag: 'other' })).statusCode).toBe(481);
  });

  it('MUST end with a NOTIFY that is answered 481, as when its participant has left (RFC 6665 §4.2.2)', async () => {
    const { focus, ask } = joined('left');
    await ask();
    await eventually(() => {
      expect(focus.notices).toHaveLength(1);
    });
    focus.dialogs.clear();
    focus.change({ left: ['bob'] });
    await eventually(() => {
      expect(focus.notices).toHaveLength(2);
    });
    focus.change({ joined: [participant('dave')] });
    expect((await ask()).statusCode).toBe(481);
    expect(focus.notices).toHaveLength(2);
  });

  it('outlives the instance that took it: the next one tells the whole state through the focus', async () => {
    const { focus, ask } = joined('moved');
    await ask();
    await eventually(() => {
      expect(focus.notices).toHaveLength(1);
    });
    await service.drain?.();
    const next = startNotification(testContext('notification', { environment }), broker.connect());
    await eventually(() => {
      const before = versionsOf(focus);
      expect(before).toHaveLength(2);
      expect(before[1]).toBeGreaterThan(1);
    });
    await next[Symbol.asyncDispose]();
  });
});
