import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { startPhone } from './support/phone.ts';
import type { Phone } from './support/phone.ts';
import { openWire, requestText } from './support/wire.ts';

describe('Requests over TCP, however they are cut (RFC 3261 §18.3)', () => {
  let parley: Installation;
  let bob: Phone;

  beforeAll(async () => {
    // A sender who cannot authenticate, as in the simple mode of test tools.
    parley = await startParley({ PARLEY_AUTH: 'none' });
    bob = await startPhone(parley.ports, 'bob');
  });
  afterAll(async () => {
    await bob[Symbol.asyncDispose]();
    await parley[Symbol.asyncDispose]();
  });

  it('ten in one segment get ten answers', async () => {
    using wire = await openWire(parley.ports.sip);
    const texts = Array.from({ length: 10 }, (_, index) => `message ${index}`);
    wire.write(texts.map((body) => requestText({ body })).join(''));
    await wire.receives(/(?:SIP\/2\.0 200 OK[^]*?\r\n\r\n){10}/);
    expect(bob.texts.filter((text) => text.startsWith('message '))).toEqual(texts);
  });

  it('one in many segments gets its answer', async () => {
    using wire = await openWire(parley.ports.sip);
    const text = requestText({ body: 'crumbs' });
    for (const crumb of text.match(/[^]{1,7}/g) ?? []) {
      wire.write(crumb);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await wire.receives(/SIP\/2\.0 200 OK/);
    expect(bob.texts).toContain('crumbs');
  });

  it('those with keep-alives between them get theirs (RFC 5626 §3.5.1)', async () => {
    using wire = await openWire(parley.ports.sip);
    wire.write(`\r\n\r\n${requestText({ body: 'one' })}\r\n\r\n${requestText({ body: 'two' })}`);
    await wire.receives(/(?:SIP\/2\.0 200 OK[^]*?\r\n\r\n){2}/);
    expect(wire.received).toMatch(/^\r\n/);
  });
});
