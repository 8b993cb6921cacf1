import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { registerContact } from './support/register-contact.ts';
import { playSipp, waitInSipp } from './support/sipp.ts';
import { hasTool } from './support/tool.ts';

describe.skipIf(!hasTool('sipp'))('The example of RFC 3428 §10, played by sipp', () => {
  let parley: Installation;

  beforeAll(async () => {
    parley = await startParley({
      PARLEY_DOMAIN: 'domain.com',
      PARLEY_AUTH: 'none',
      PARLEY_USERS: 'user1:secret,user2:secret',
    });
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  it.each(['u1', 't1'])('goes F1 MESSAGE, F2 MESSAGE, F3 200, F4 200 (%s)', async (over) => {
    await using receiver = await waitInSipp('rfc3428-receiver');
    await registerContact(parley.ports.sip, { address: 'user2@domain.com', contact: `127.0.0.1:${receiver.port}` });
    const { code, stderr } = await playSipp('rfc3428-sender', parley.ports.sip, ['-t', over]);
    expect([code, await receiver.ended, stderr]).toEqual([0, 0, expect.anything()]);
  });
});
