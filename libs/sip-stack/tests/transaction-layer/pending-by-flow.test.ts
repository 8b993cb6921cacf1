import { createRequest } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import type { Flow } from '../../src/index.ts';
import { ClientRecord } from '../../src/transaction-layer/client-transaction.ts';
import { PendingByFlow } from '../../src/transaction-layer/pending-by-flow.ts';

const request = createRequest({ method: 'MESSAGE', requestUri: 'sip:b@c', fields: [] });
const nobody = { onProvisional() {}, onFinal() {}, onTimeout() {}, onTransportError() {} };
const endpoint = { address: '192.0.2.1', port: 5060 };

function flow(id: string): Flow {
  return {
    id,
    protocol: 'UDP',
    reliable: false,
    local: endpoint,
    remote: endpoint,
    peerNames: [],
    open: true,
    send() {},
    close() {},
  };
}

const record = (over: Flow, branch: string): ClientRecord => new ClientRecord(request, over, branch, nobody);

describe('client transactions by flow', () => {
  it('are taken with their flow, in the order in which they began', () => {
    const pending = new PendingByFlow();
    const one = flow('one');
    const records = ['a', 'b', 'c'].map((branch) => record(one, branch));
    for (const each of [...records, record(flow('two'), 'd')]) pending.add(each);
    pending.remove(records[1] ?? record(one, 'x'));
    expect(pending.take(one)).toEqual([records[0], records[2]]);
    expect(pending.take(one)).toEqual([]);
  });

  it('do not keep the flows of all who ever were sent to', () => {
    const pending = new PendingByFlow();
    const waiting = record(flow('waiting'), 'w');
    pending.add(waiting);
    for (let n = 0; n < 10_000; n++) {
      const done = record(flow(String(n)), String(n));
      pending.add(done);
      pending.remove(done);
    }
    expect(pending.size).toBeLessThanOrEqual(64);
    expect(pending.take(waiting.flow)).toEqual([waiting]);
  });
});
