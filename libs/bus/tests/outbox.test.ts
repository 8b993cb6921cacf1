import type { PublishOptions } from '@nats-io/nats-core';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../src/index.ts';
import { Outbox } from '../src/nats/outbox.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function outbox() {
  const sent: string[] = [];
  const publish = (subject: string, _data: unknown, { reply = '', headers }: PublishOptions = {}): void => {
    if (subject === 'broken') throw new Error('not taken');
    // Of headers the client calls `encode` alone, which its types do not show.
    const encoded = (headers as { encode(): Uint8Array } | undefined)?.encode();
    sent.push([subject, reply, encoded === undefined ? '' : Buffer.from(encoded).toString()].join('|'));
  };
  return { box: new Outbox({ publish }, silentLogger), sent };
}

const data = new Uint8Array();

describe('What a turn of the event loop publishes', () => {
  it('leaves at its end, in order, headers written as NATS has them', async () => {
    const { box, sent } = outbox();
    box.add('a', data, [], 'inbox.1');
    box.add('b', data, [['Nats-Msg-Id', 'x']], undefined);
    expect(sent).toEqual([]);
    await turn();
    expect(sent).toEqual(['a|inbox.1|', 'b||NATS/1.0\r\nNats-Msg-Id: x\r\n\r\n']);
  });

  it('leaves at once when asked, and once', async () => {
    const { box, sent } = outbox();
    box.add('a', data, [], undefined);
    box.send();
    expect(sent).toHaveLength(1);
    await turn();
    expect(sent).toHaveLength(1);
  });

  it('is forgotten when NATS went away, and a message that is not taken stops no other', async () => {
    const { box, sent } = outbox();
    box.add('late', data, [], undefined);
    box.clear();
    box.add('broken', data, [], undefined);
    box.add('good', data, [['traceparent', 'forged\r\nNats-Msg-Id: y']], undefined);
    await turn();
    expect(sent).toEqual(['good||NATS/1.0\r\n\r\n']);
  });
});
