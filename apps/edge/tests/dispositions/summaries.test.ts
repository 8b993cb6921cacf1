import { groupSubject, receipts, receiptShardCount, receiptSubject, rpc, streams } from '@parley/contracts';
import { shardOf } from '@parley/actor';
import { readImdn } from '@parley/imdn';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpimBody } from '../support/cpim.ts';
import { listFields, listPart, multipart } from '../support/list-body.ts';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const type = 'message/imdn+xml';
const payload = (id: string): string =>
  `<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>${id}</message-id><datetime>2026-11-21T10:00:00Z</datetime>` +
  '<delivery-notification><status><delivered/></status></delivery-notification></imdn>';

describe('Notifications of which a summary was asked (RFC 5438 §8.3, REQ-DISNOT-11)', () => {
  let edge: TestEdge;
  let alice: Phone;
  let bob: Phone;
  beforeAll(async () => {
    edge = await startTestEdge();
    alice = await Phone.tcp(edge.port, 'alice');
    bob = await Phone.tcp(edge.port, 'bob');
    await alice.register();
    await bob.register();
  });
  afterAll(async () => {
    await alice[Symbol.asyncDispose]();
    await bob[Symbol.asyncDispose]();
    await edge[Symbol.asyncDispose]();
  });

  const send = async (id: string, requests: string): Promise<void> => {
    const message = [['Content-Type: message/cpim'], cpimBody('Hello', { id, requests })] as const;
    const body = multipart([message, listPart([['sip:bob@localhost'], ['sip:carol@localhost']])]);
    const sent = await alice.request('MESSAGE', 'sip:list@localhost', { body, fields: listFields });
    expect(sent.statusCode).toBe(202);
    bob.answer(await bob.incoming(), 200);
  };
  const notify = async (id: string): Promise<number> => {
    const options = {
      body: cpimBody(payload(id), { from: 'sip:bob@localhost', type }),
      fields: ['Content-Type: message/cpim'],
    };
    return (await bob.request('MESSAGE', 'sip:alice@localhost', options)).statusCode;
  };
  const news = async (): Promise<readonly receipts.ReceiptNews['news'][]> => {
    const stream = edge.bus.stream(streams.receipts, receipts.ReceiptNews);
    const subject = receiptSubject(shardOf('alice') % receiptShardCount);
    return unwrap(await stream.read(subject, { from: 1, limit: 100 })).map(({ message }) => message.news);
  };

  it('are kept for it, with their recipient, and answered 202; others reach the sender as they are (REQ-DISNOT-10)', async () => {
    await send('m1', 'positive-delivery;summary');
    expect(await notify('m1')).toBe(202);
    const [opened, came] = await news();
    expect(opened?.kind === 'opened' && opened.value.recipients).toEqual(['user bob', 'user carol']);
    if (came?.kind !== 'came') throw new Error('expected a notification');
    expect([came.value.recipient, came.value.type]).toEqual(['user bob', 'positive-delivery']);
    expect(unwrap(readImdn(came.value.payload))).toMatchObject({ messageId: 'm1', recipientUri: 'sip:bob@localhost' });
    expect(alice.unread).toBe(0);

    await send('m2', 'positive-delivery');
    const passed = notify('m2');
    alice.answer(await alice.incoming(), 200);
    expect(await passed).toBe(200);
  });

  it('reach the mailbox of the sender as one summary, by the service that makes it', async () => {
    const request = Buffer.from(
      bob.write('MESSAGE', 'sip:alice@localhost', { body: 'summary', instead: { Via: null } }),
    );
    const deadline = systemClock.now() + 5_000;
    const wish = { account: 'alice', request };
    const reply = await edge.bus.request(groupSubject('edge', 'deliveries'), rpc.deliveries, wish, { deadline });
    expect(unwrap(reply).stored).toBe(true);
    const summary = await alice.incoming();
    alice.answer(summary, 200);
    expect(Buffer.from(summary.body).toString()).toBe('summary');
  });
});
