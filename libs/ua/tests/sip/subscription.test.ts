import { encodeUtf8 } from '@parley/prelude';
import { readRaw } from '@parley/sip';
import type { SipMessage, SipRequest } from '@parley/sip';
import { createUasDialog, dialogRequest } from '@parley/sip-stack';
import type { Dialog } from '@parley/sip-stack';
import { describe, expect, it } from 'vitest';
import type { UserAgent } from '../../src/index.ts';
import { scene } from '../scene.ts';
import type { Scene } from '../scene.ts';

/** A notifier on bob's side: takes SUBSCRIBE by hand, so that NOTIFY can come when the test wants it. */
class TestNotifier {
  readonly subscribes: SipRequest[] = [];
  dialog: Dialog | undefined;
  agent: UserAgent | undefined;
  expires = 600;

  readonly onRequest = (request: SipRequest) => {
    if (request.method !== 'SUBSCRIBE') return undefined;
    this.subscribes.push(request);
    return {
      status: 200,
      fields: [
        ['Expires', readRaw(request, 'Expires') ?? ''],
        ['Contact', '<sip:focus@192.0.2.1>'],
      ] as [string, string][],
    };
  };

  /** The dialog as bob sees it, from what went over the wire. */
  adopt(response: SipMessage): void {
    const dialog = response.kind === 'response' ? createUasDialog(this.subscribes[0]!, response) : undefined;
    this.dialog = dialog?.ok === true ? { ...dialog.value, state: 'confirmed' } : undefined;
  }

  notify(state: string, body = '') {
    const [request, dialog] = dialogRequest(this.dialog!, 'NOTIFY', {
      fields: [
        ['Event', 'conference'],
        ['Subscription-State', state],
        ['Contact', '<sip:focus@192.0.2.1>'],
      ],
      body: encodeUtf8(body),
    });
    this.dialog = dialog;
    return this.agent!.core.requester.send(request);
  }
}

async function subscribed() {
  const notifier = new TestNotifier();
  const stage: Scene = scene({}, { onRequest: notifier.onRequest });
  notifier.agent = stage.bob;
  const bodies: string[] = [];
  const subscription = await stage.settle(
    stage.alice.subscribe('sip:bob@example.com', { event: 'conference', expires: 600 }, (notify) => {
      bodies.push(new TextDecoder().decode(notify.body));
    }),
  );
  notifier.adopt(stage.sentByBob().find((message) => message.kind === 'response')!);
  return { ...stage, notifier, subscription, bodies };
}

describe('subscription (RFC 6665 §4.1)', () => {
  it('takes NOTIFYs in the dialog, and ends when the notifier says so', async () => {
    const { notifier, subscription, bodies, settle } = await subscribed();
    const ends: string[] = [];
    subscription.ended.listen((reason) => ends.push(reason));
    expect((await settle(notifier.notify('active;expires=600', 'one'))).response.statusCode).toBe(200);
    expect((await settle(notifier.notify('terminated;reason=noresource', 'two'))).response.statusCode).toBe(200);
    expect(bodies).toEqual(['one', 'two']);
    expect(ends).toEqual(['noresource']);
    expect((await settle(notifier.notify('active', 'three'))).response.statusCode).toBe(481);
  });

  it('answers 481 to a NOTIFY of no subscription (RFC 6665 §4.1.3)', async () => {
    const { alice, settle } = scene();
    const response = await settle(alice.request({ method: 'NOTIFY', uri: 'sip:bob@example.com' }));
    expect(response.statusCode).toBe(481);
  });

  it('refreshes in the dialog before the time is up', async () => {
    const { notifier, clock, subscription } = await subscribed();
    await clock.run(500_000);
    const [first, second] = notifier.subscribes;
    expect(readRaw(second!, 'Call-ID')).toBe(readRaw(first!, 'Call-ID'));
    expect(readRaw(second!, 'CSeq')).toBe('2 SUBSCRIBE');
    expect(readRaw(second!, 'To')).toMatch(/;tag=/);
    expect(subscription.over).toBe(false);
  });

  it('unsubscribes with Expires 0 and still takes the last NOTIFY (RFC 6665 §4.1.2.3)', async () => {
    const { notifier, subscription, bodies, settle } = await subscribed();
    await settle(subscription.unsubscribe());
    expect(readRaw(notifier.subscribes.at(-1)!, 'Expires')).toBe('0');
    await settle(notifier.notify('terminated', 'last'));
    expect(bodies).toEqual(['last']);
    expect(subscription.over).toBe(true);
  });

  it('leaves no timer behind when the agent is done, even in the middle of taking leave', async () => {
    const { alice, bob, clock, subscription } = await subscribed();
    const leaving = subscription.unsubscribe();
    alice[Symbol.dispose]();
    bob[Symbol.dispose]();
    await clock.run(1_000);
    await leaving;
    expect(subscription.over).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('rejects with the status of a refusal', async () => {
    const { alice, settle } = scene({}, { onRequest: () => ({ status: 489 }) });
    const refused = settle(alice.subscribe('sip:bob@example.com', { event: 'nothing' }, () => {}));
    await expect(refused).rejects.toMatchObject({ status: 489 });
  });
});
