import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@parley/testing';
import { startBaresip } from './support/baresip.ts';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { startPhone } from './support/phone.ts';
import { hasTool } from './support/tool.ts';

describe.skipIf(!hasTool('baresip'))('baresip', () => {
  let parley: Installation;

  beforeAll(async () => {
    parley = await startParley();
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  it('registers with digest, hears a message and sends one', async () => {
    const server = `127.0.0.1:${parley.ports.sip}`;
    await using alice = await startPhone(parley.ports, 'alice');
    await using bob = await startBaresip(parley.ports, 'bob', `sip:alice@${server};transport=tcp`);
    await bob.printed(/registered successfully/);

    expect((await alice.send('sip:bob@localhost', 'Hello Bob')).statusCode).toBe(200);
    await bob.printed(/sip:alice@localhost: "Hello Bob"/);

    await bob.type('/contact_next');
    await bob.type('/message Hello Alice');
    await eventually(() => {
      expect(alice.texts).toEqual(['Hello Alice']);
    });
  });
});
