import { decodeUtf8, encodeUtf8 } from '@parley/prelude';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBaresip } from './support/baresip.ts';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { startLinphone } from './support/linphone.ts';
import { startPhone } from './support/phone.ts';
import type { Phone } from './support/phone.ts';
import { hasTool } from './support/tool.ts';

function entry(name: string, role: string): string {
  return `<entry uri="sip:${name}@localhost" cp:copyControl="${role}"/>`;
}

/** A message with a list of its own. */
function bodyFor(text: string, entries: readonly string[]): Uint8Array {
  const namespaces = 'xmlns="urn:ietf:params:xml:ns:resource-lists" xmlns:cp="urn:ietf:params:xml:ns:copycontrol"';
  const list = `<resource-lists ${namespaces}><list>${entries.join('')}</list></resource-lists>`;
  const parts = [
    `Content-Type: text/plain\r\n\r\n${text}`,
    `Content-Type: application/resource-lists+xml\r\nContent-Disposition: recipient-list\r\n\r\n${list}`,
  ];
  return encodeUtf8(`${parts.map((part) => `--next\r\n${part}\r\n`).join('')}--next--\r\n`);
}

async function sendToList(phone: Phone, text: string, entries: readonly string[]): Promise<number> {
  const response = await phone.agent.sendMessage('sip:list@localhost', {
    contentType: 'multipart/mixed;boundary=next',
    fields: [['Require', 'recipient-list-message']],
    body: bodyFor(text, entries),
  });
  return response.statusCode;
}

describe('messages to lists', () => {
  let parley: Installation;
  beforeAll(async () => {
    parley = await startParley({ PARLEY_USERS: 'alice:secret,bob:secret,carol:secret,dave:secret,erin:secret' });
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  async function api(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${parley.ports.http}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${parley.token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return await response.json();
  }

  it.skipIf(!hasTool('linphonec') || !hasTool('baresip'))(
    'reach a phone with the history, and linphone and baresip with what they can read',
    async () => {
      await using alice = await startPhone(parley.ports, 'alice');
      await using dave = await startPhone(parley.ports, 'dave');
      await using bob = await startBaresip(parley.ports, 'bob', `sip:alice@127.0.0.1:${parley.ports.sip}`);
      await bob.printed(/registered successfully/);
      await using carol = await startLinphone(parley.ports, 'carol');
      await eventually(async () => {
        await carol.type('status register');
        await carol.printed(/registered, identity=sip:carol@localhost/, 500);
      });
      const entries = [entry('bob', 'to'), entry('carol', 'cc'), entry('dave', 'bcc')];
      for (const text of ['Hello all', 'Hello again']) {
        expect(await sendToList(alice, text, entries)).toBe(202);
        await bob.printed(new RegExp(`sip:alice@localhost: "${text}"`));
        await carol.printed(new RegExp(`Message received from .*alice@localhost.*: ${text}`));
      }
      await eventually(() => {
        expect(dave.texts).toHaveLength(2);
      });
      expect(dave.texts[0]).toContain('Hello all');
      expect(dave.texts[0]).toContain(entry('bob', 'to'));
      expect(dave.texts[0]).toContain(entry('carol', 'cc'));
      expect(dave.texts[0]).not.toContain('sip:dave');
    },
  );

  it('go to the members of a list that was made over HTTP, who may be away', async () => {
    await api('POST', '/lists', { name: 'friends', members: ['alice', 'erin'], owner: 'alice', hideMembers: true });
    await using alice = await startPhone(parley.ports, 'alice');
    expect((await alice.send('sip:friends@localhost', 'Good morning')).statusCode).toBe(202);
    await eventually(() => {
      expect(alice.texts).toEqual([expect.stringContaining('Good morning')]);
    });
    await using erin = await startPhone(parley.ports, 'erin');
    await eventually(() => {
      expect(erin.messages.map(({ body }) => decodeUtf8(body))).toEqual([expect.stringContaining('Good morning')]);
    });
    expect(erin.texts[0]).toContain(entry('friends', 'to'));
  });
});
