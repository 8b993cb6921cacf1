import { deflateSync } from 'node:zlib';
import { withBody, withRawField } from '@parley/sip';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isForgedNotification } from '../../src/dispositions/forged-notification.ts';
import { inflateUpTo } from '../../src/mailbox/inflate.ts';
import { cpimBody } from '../support/cpim.ts';
import { requestWith } from '../support/messages.ts';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const type = 'message/imdn+xml';
const payload =
  '<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>m1</message-id><datetime>2026-11-21T10:00:00Z</datetime>' +
  '<delivery-notification><status><delivered/></status></delivery-notification></imdn>';

describe('the sender of a notification (RFC 5438 §14, REQ-DISNOT-8)', () => {
  let edge: TestEdge;
  let bob: Phone;
  beforeAll(async () => {
    edge = await startTestEdge();
    bob = await Phone.tcp(edge.port, 'bob');
  });
  afterAll(async () => {
    await bob[Symbol.asyncDispose]();
    await edge[Symbol.asyncDispose]();
  });
  const notify = async (from: string, content = type): Promise<number> => {
    const options = { body: cpimBody(payload, { from, type: content }), fields: ['Content-Type: message/cpim'] };
    return (await bob.request('MESSAGE', 'sip:alice@localhost', options)).statusCode;
  };

  it('MUST be who was authenticated: another CPIM From is refused 403', async () => {
    expect(await notify('sip:carol@localhost')).toBe(403);
    expect(await notify('sip:bob@elsewhere.example')).toBe(403);
    expect(await notify('sip:bob@localhost')).toBe(202);
  });

  it('MUST be, however the type of the notification is written (RFC 2045 §5.1)', async () => {
    expect(await notify('sip:carol@localhost', 'Message/IMDN+XML')).toBe(403);
  });

  it('MUST be, also where the message that wraps it is encoded (RFC 2045 §6)', async () => {
    const wrapped = Buffer.from(cpimBody(payload, { from: 'sip:carol@localhost', type })).toString('base64');
    const part = ['--b', 'Content-Type: message/cpim', 'Content-Transfer-Encoding: base64', '', wrapped, '--b--', ''];
    const options = { body: part.join('\r\n'), fields: ['Content-Type: multipart/mixed;boundary=b'] };
    expect((await bob.request('MESSAGE', 'sip:alice@localhost', options)).statusCode).toBe(403);
  });

  it('may write his address in another way', async () => {
    for (const from of ['im:bob@localhost', 'sip:%62ob@LOCALHOST;transport=tcp', 'sip:bob@127.0.0.1'])
      expect(await notify(from)).toBe(202);
    expect(await notify('sip:anonymous@anonymous.invalid')).toBe(202);
  });

  it('is looked for in what is compressed too', () => {
    const means = {
      names: {
        domain: 'localhost',
        aliases: new Set<string>(),
        chatDomain: 'chat.localhost',
        ports: new Set<number>(),
      },
      accounts: { findByNumber: () => undefined },
      inflate: inflateUpTo(1_000_000),
    };
    const origin = { account: 'bob', asserted: [], isProved: true };
    const isForged = (from: string): boolean => {
      const request = withRawField(requestWith('MESSAGE sip:alice@localhost'), 'Content-Encoding', 'deflate');
      const body = deflateSync(cpimBody(payload, { from, type }));
      return isForgedNotification(withBody(request, 'message/cpim', body), origin, means);
    };
    expect([isForged('sip:carol@localhost'), isForged('sip:bob@localhost')]).toEqual([true, false]);
  });

  it('is not asked of a message that notifies of nothing', async () => {
    expect(await notify('sip:carol@localhost', 'text/plain')).toBe(202);
  });
});
