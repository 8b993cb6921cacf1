import { randomUUID } from 'node:crypto';
import { encodeUtf8, unwrap } from '@parley/prelude';
import { createCpim, dateTimeAt, parseCpim, serialiseCpim } from '@parley/cpim';
import { imdnsOf } from '@parley/imdn';
import type { Imdn } from '@parley/imdn';
import { readRaw } from '@parley/sip';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBaresip } from './support/baresip.ts';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { startPhone } from './support/phone.ts';
import type { Phone } from './support/phone.ts';
import { hasTool } from './support/tool.ts';

const bobUri = 'sip:bob@localhost';

/** Sends a message in CPIM that asks for all notifications; gives the status of the answer. */
async function sendCpim(alice: Phone, id: string, text: string, contentType = 'text/plain'): Promise<number> {
  const requests = 'positive-delivery, negative-delivery, processing, display';
  const cpim = createCpim(
    {
      from: { uri: 'sip:alice@localhost' },
      to: [{ uri: bobUri }],
      dateTime: dateTimeAt(Date.now()),
      extensions: [
        {
          prefix: 'imdn',
          namespace: 'urn:ietf:params:imdn',
          headers: [
            ['Message-ID', id],
            ['Disposition-Notification', requests],
          ],
        },
      ],
    },
    contentType,
    encodeUtf8(text),
  );
  return (await alice.agent.sendMessage(bobUri, { contentType: 'message/cpim', body: serialiseCpim(cpim) })).statusCode;
}

/** What a phone was told about its messages, as `id: disposition`. */
function toldTo({ messages }: Phone): readonly string[] {
  const imdns = messages
    .filter((request) => readRaw(request, 'Content-Type') === 'message/cpim')
    .flatMap((request): readonly Imdn[] => unwrap(imdnsOf(unwrap(parseCpim(request.body)).content)));
  return imdns.map(({ messageId, disposition }) => `${messageId}: ${disposition?.status ?? 'nothing known'}`);
}

describe.skipIf(!hasTool('baresip'))('baresip, which refuses message/cpim', () => {
  let parley: Installation;

  beforeAll(async () => {
    parley = await startParley();
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  it('shows the text in CPIM, live and from its mailbox; senders hear of its delivery', async () => {
    await using alice = await startPhone(parley.ports, 'alice');
    const server = `127.0.0.1:${parley.ports.sip}`;
    // The same device before and after.
    const device = randomUUID();
    const start = async () => {
      const started = await startBaresip(parley.ports, 'bob', `sip:alice@${server};transport=tcp`, '', device);
      await started.printed(/registered successfully/);
      return started;
    };
    {
      await using bob = await start();
      expect(await sendCpim(alice, 'm1', 'Wrapped once')).toBe(200);
      await bob.printed(/sip:alice@localhost: "Wrapped once"/);
      expect(await sendCpim(alice, 'm2', 'Wrapped twice')).toBe(200);
      await bob.printed(/sip:alice@localhost: "Wrapped twice"/);
      expect(await sendCpim(alice, 'm3', '<x/>', 'application/im-iscomposing+xml')).toBe(200);
      await eventually(() => {
        expect(toldTo(alice)).toEqual(['m1: delivered', 'm2: delivered']);
      });
    }
    await eventually(async () => {
      expect(await sendCpim(alice, 'm4', 'Wrapped and kept')).toBe(202);
    });
    await eventually(() => {
      expect(toldTo(alice)).toContain('m4: stored');
    });
    await using back = await start();
    await back.printed(/sip:alice@localhost: "Wrapped and kept"/);
    await eventually(() => {
      expect(toldTo(alice).filter((told) => told.startsWith('m4'))).toEqual(['m4: stored', 'm4: delivered']);
    });
  });
});
