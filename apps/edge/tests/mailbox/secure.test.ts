import type { SipRequest } from '@parley/sip';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

describe('A stored message to a sips: address (RFC 5630 §5.3)', () => {
  let edge: TestEdge;
  let alice: Phone;
  const instance = '+sip.instance="<urn:uuid:desk>"';
  const overTls = (user: string): Promise<Phone> => Phone.tls(edge.ports['sips'] ?? 0, user);

  beforeAll(async () => {
    edge = await startTestEdge();
    alice = await overTls('alice');
  });
  afterAll(async () => {
    await alice[Symbol.asyncDispose]();
    await edge[Symbol.asyncDispose]();
  });

  /** A REGISTER to the sips: address of the registrar. */
  async function register(phone: Phone, expires: number): Promise<number> {
    const to = `sips:${phone.user}@localhost`;
    const contact = `<sips:${phone.user}@${phone.local};transport=tcp>;${instance};expires=${expires}`;
    return (await phone.request('REGISTER', 'sips:localhost', { to, fields: [`Contact: ${contact}`] })).statusCode;
  }

  async function take(phone: Phone): Promise<SipRequest> {
    const request = await phone.incoming();
    phone.answer(request, 200);
    return request;
  }

  it('waits like any other, and goes to the sips: contact of the device', async () => {
    await using bob = await overTls('bob');
    expect([await register(bob, 600), await register(bob, 0)]).toEqual([200, 200]);
    expect((await alice.message('sips:bob@localhost')).statusCode).toBe(202);
    expect((await alice.message('sip:bob@localhost')).statusCode).toBe(202);
    expect(await register(bob, 600)).toBe(200);
    expect([(await take(bob)).requestUri, (await take(bob)).requestUri]).toEqual([
      `sips:bob@${bob.local};transport=tcp`,
      `sip:bob@${bob.local};transport=tcp`,
    ]);
  });

  it('MUST NOT go to a device that comes back without TLS; what is behind it does', async () => {
    await using before = await overTls('carol');
    expect([await register(before, 600), await register(before, 0)]).toEqual([200, 200]);
    expect((await alice.message('sips:carol@localhost', 'for TLS alone')).statusCode).toBe(202);
    expect((await alice.message('sip:carol@localhost', 'for anybody')).statusCode).toBe(202);
    await using carol = await Phone.tcp(edge.port, 'carol');
    await carol.register(`${carol.contact};${instance};expires=600`);
    expect(Buffer.from((await take(carol)).body).toString()).toBe('for anybody');
    await eventually(async () => {
      expect(await edge.metrics.text()).toMatch(/parley_mailbox_depth\{service="edge"\} 0\n/);
    });
  });
});
