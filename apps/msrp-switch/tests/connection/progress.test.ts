import { createMsrpReader } from '@parley/msrp';
import { systemRandom } from '@parley/service';
import { describe, expect, it } from 'vitest';
import { Connection } from '../../src/connection/connection.ts';
import { Flusher } from '../../src/connection/flusher.ts';
import type { Wire } from '../../src/connection/wire.ts';
import { OutgoingChunk } from '../../src/message/outgoing-chunk.ts';

const nothing = (): void => {};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A wire whose peer takes one write at a time, when it is told to. */
function slowWire() {
  let taken = nothing;
  let waiting = 0;
  const wire: Wire = {
    kind: 'tcp',
    address: '127.0.0.1',
    name: '127.0.0.1 1 2',
    get waiting() {
      return waiting;
    },
    write: ({ octets }) => (waiting += octets),
    onTaken: (listener) => (taken = listener),
    onBytes: nothing,
    onClose: nothing,
    pause: nothing,
    resume: nothing,
    end: nothing,
    destroy: nothing,
  };
  const take = (): Promise<void> => {
    waiting = 0;
    taken();
    return turn();
  };
  return { wire, take };
}

const chunk = (octets: number): OutgoingChunk =>
  new OutgoingChunk(
    {
      method: 'SEND',
      messageId: 'm1',
      successReport: undefined,
      failureReport: 'no',
      byteRange: { start: 1, end: octets, total: octets },
      status: undefined,
      contentType: 'message/cpim',
      fields: [],
    },
    [new Uint8Array(octets)],
    '$',
    systemRandom,
  );

describe('A peer that is behind', () => {
  it('counts as silent only when it takes nothing, however much more waits for it', async () => {
    const { wire, take } = slowWire();
    const parts = { reader: createMsrpReader(), flusher: new Flusher(), queueBytes: 10_000_000, behindBytes: 1000 };
    const connection = new Connection({ wire, ...parts });
    const hear = (octets: number): void => {
      connection.deliver(chunk(octets), new Uint8Array());
    };
    hear(400_000);
    await turn();
    connection.checkProgress();
    hear(900_000);
    await take();
    connection.checkProgress();
    expect(connection.isBehind).toBe(true);
    connection.checkProgress();
    expect(connection.isBehind).toBe(false);
  });
});
