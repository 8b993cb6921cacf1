import { afterAll, beforeAll, describe, it } from 'vitest';
import { eventually } from '@parley/testing';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import type { Interactive } from './support/interactive.ts';
import { startLinphone } from './support/linphone.ts';
import { hasTool } from './support/tool.ts';

describe.skipIf(!hasTool('linphonec'))('linphonec calls linphonec', () => {
  let parley: Installation;

  beforeAll(async () => {
    parley = await startParley();
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  async function registered(name: string, more: readonly string[] = []): Promise<Interactive> {
    const phone = await startLinphone(parley.ports, name, more);
    // There is no sound card; what it plays and records is silence.
    await phone.type('soundcard use files');
    await eventually(async () => {
      await phone.type('status register');
      await phone.printed(new RegExp(`registered, identity=sip:${name}@localhost`), 500);
    });
    return phone;
  }

  it('rings, is answered, and ends when one of them hangs up (RFC 3261 §13, §15)', async () => {
    await using bob = await registered('bob', ['-a']);
    await using carol = await registered('carol');
    await carol.type('call sip:bob@localhost');
    await bob.printed(/Receiving new incoming call from .*carol@localhost/);
    await Promise.all([bob.printed(/Call .* connected/), carol.printed(/Call .* connected/)]);
    await carol.type('terminate');
    await Promise.all([bob.printed(/Call .* ended/), carol.printed(/Call .* ended/)]);
  });
});
