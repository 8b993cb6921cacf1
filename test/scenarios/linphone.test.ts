import { inflateSync } from 'node:zlib';
import { readRaw } from '@parley/sip';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@parley/testing';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { startLinphone } from './support/linphone.ts';
import { startPhone } from './support/phone.ts';
import { hasTool } from './support/tool.ts';

describe.skipIf(!hasTool('linphonec'))('linphonec', () => {
  let parley: Installation;

  beforeAll(async () => {
    parley = await startParley();
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  it('registers with digest, hears a message and sends one', async () => {
    await using alice = await startPhone(parley.ports, 'alice');
    await using carol = await startLinphone(parley.ports, 'carol');
    await eventually(async () => {
      await carol.type('status register');
      await carol.printed(/registered, identity=sip:carol@localhost/, 500);
    });

    expect((await alice.send('sip:carol@localhost', 'Hello Carol')).statusCode).toBe(200);
    await carol.printed(/Message received from .*alice@localhost.*: Hello Carol/);

    await carol.type('chat sip:alice@localhost Hello Alice');
    await eventually(() => {
      expect(alice.texts).toContain('Hello Alice');
    });

    // Its delivery notifications are deflated; they are for alice to read and pass untouched.
    const compressed = alice.messages.filter((request) => readRaw(request, 'Content-Encoding') === 'deflate');
    expect(compressed.map(({ body }) => inflateSync(body).toString())).toContainEqual(
      expect.stringContaining('urn:ietf:params:xml:ns:imdn'),
    );
  });
});
