import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@parley/testing';
import { startBaresip } from './support/baresip.ts';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { startLinphone } from './support/linphone.ts';
import { startPhone } from './support/phone.ts';
import { hasTool } from './support/tool.ts';

interface Shown {
  readonly bindings: readonly { readonly contact: string; readonly instance: string }[];
}

/** What the HTTP API says of the bindings of a user. */
async function bindingsOf({ ports, token }: Installation, user: string): Promise<Shown['bindings']> {
  const response = await fetch(`http://127.0.0.1:${ports.http}/api/v1/users/${user}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  // The shape is that of the API.
  return ((await response.json()) as Shown).bindings;
}

describe('Devices of others', () => {
  let parley: Installation;

  beforeAll(async () => {
    parley = await startParley();
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  it.skipIf(!hasTool('baresip'))(
    'baresip registers two flows of one device, and hears a message once (RFC 5626 §4.2, §7)',
    async () => {
      const server = `sip:127.0.0.1:${parley.ports.sip};transport=tcp`;
      await using alice = await startPhone(parley.ports, 'alice');
      const flows = `;sipnat=outbound;outbound="${server}";outbound2="${server}"`;
      await using bob = await startBaresip(parley.ports, 'bob', `sip:alice@127.0.0.1:${parley.ports.sip}`, flows);
      await bob.printed(/registered successfully/);
      const bindings = await eventually(async () => {
        const found = await bindingsOf(parley, 'bob');
        expect(found).toHaveLength(2);
        return found;
      });
      expect(new Set(bindings.map(({ instance }) => instance)).size).toBe(1);
      expect((await alice.send('sip:bob@localhost', 'Only once')).statusCode).toBe(200);
      expect((await alice.send('sip:bob@localhost', 'And the end')).statusCode).toBe(200);
      await bob.printed(/"And the end"/);
      expect(bob.output.match(/"Only once"/g)).toHaveLength(1);
    },
  );

  it.skipIf(!hasTool('linphonec'))(
    'linphonec is reached by the public GRUU of its device (RFC 5627 §6.1)',
    async () => {
      await using alice = await startPhone(parley.ports, 'alice');
      await using carol = await startLinphone(parley.ports, 'carol');
      const gruu = await eventually(async () => {
        const [device] = await bindingsOf(parley, 'carol');
        expect(device?.instance).toMatch(/^urn:uuid:/);
        return `sip:carol@localhost;gr=${device?.instance ?? ''}`;
      });
      expect((await alice.send(gruu, 'To this device')).statusCode).toBe(200);
      await carol.printed(/Message received from .*alice@localhost.*: To this device/);
      expect((await alice.send('sip:carol@localhost;gr=urn:uuid:none', 'To nobody')).statusCode).toBe(404);
    },
  );
});
