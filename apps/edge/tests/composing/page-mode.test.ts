import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cpimBody } from '../support/cpim.ts';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const type = 'application/im-iscomposing+xml';
const status = '<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>active</state></isComposing>';

describe('A status of composing in page mode (RFC 3994 §4, REQ-COMP-12)', () => {
  let edge: TestEdge;
  let alice: Phone;
  let bob: Phone;
  beforeEach(async () => {
    edge = await startTestEdge();
    alice = await Phone.tcp(edge.port, 'alice');
    bob = await Phone.tcp(edge.port, 'bob');
  });
  afterEach(async () => {
    await alice[Symbol.asyncDispose]();
    await bob[Symbol.asyncDispose]();
    await edge[Symbol.asyncDispose]();
  });
  const compose = async (wrapped: boolean): Promise<number> => {
    const [contentType, body] = wrapped ? ['message/cpim', cpimBody(status, { type })] : [type, status];
    const options = { body, fields: [`Content-Type: ${contentType}`, 'Expires: 0'] };
    return (await alice.request('MESSAGE', 'sip:bob@localhost', options)).statusCode;
  };
  const take = async (answer: number): Promise<void> => {
    bob.answer(await bob.incoming(), answer);
  };

  it.each([false, true])('reaches a device as it came, and is never stored (in CPIM: %s)', async (wrapped) => {
    expect(await compose(wrapped)).toBe(480);
    await bob.register();
    const sent = compose(wrapped);
    await take(200);
    expect([await sent, bob.unread]).toEqual([200, 0]);
  });

  it.each([false, true])(
    'is refused once: a device that answered 415 is sent no more (in CPIM: %s)',
    async (wrapped) => {
      await bob.register();
      const refused = compose(wrapped);
      await take(415);
      expect(await refused).toBe(415);
      expect([await compose(false), await compose(true), bob.unread]).toEqual([200, 200, 0]);
      const text = alice.message('sip:bob@localhost', 'at last');
      await take(200);
      expect((await text).statusCode).toBe(200);
    },
  );

  it('is not sent to a device whose REGISTER has an Accept without it, until one has it', async () => {
    await bob.register(undefined, ['Accept: text/plain, message/cpim']);
    expect([await compose(false), await compose(true), bob.unread]).toEqual([200, 200, 0]);
    await bob.register(`${bob.contact};expires=300`, [`Accept: text/plain, message/cpim, ${type}`]);
    const sent = compose(true);
    await take(200);
    expect(await sent).toBe(200);
  });

  it('comes again when the device comes back with other software', async () => {
    await bob.register(undefined, ['User-Agent: old']);
    const refused = compose(false);
    await take(415);
    expect(await refused).toBe(415);
    await bob.register(undefined, ['User-Agent: new']);
    const sent = compose(false);
    await take(200);
    expect(await sent).toBe(200);
  });
});
