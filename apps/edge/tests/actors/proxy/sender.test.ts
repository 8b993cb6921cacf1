import { createMemoryBus } from '@parley/bus';
import { ok } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { createResponseTo } from '@parley/sip';
import type { ClientTransaction, DnsPort, Flow, Hop, ResponseUser, TransactionLayer } from '@parley/sip-stack';
import { seededRandom, SimulatedClock } from '@parley/testing';
import { transportFailure } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { HopRest } from '../../../src/actors/proxy/hop-rest.ts';
import { LargeRequests } from '../../../src/actors/proxy/large-requests.ts';
import { PeerEdges } from '../../../src/actors/proxy/peer-edges.ts';
import { RemoteBranches } from '../../../src/actors/proxy/remote-branches.ts';
import { Sender } from '../../../src/actors/proxy/sender.ts';
import type { BranchUser } from '../../../src/actors/proxy/sender.ts';
import { FlowTable } from '../../../src/flows/flow-table.ts';
import { OwnUris } from '../../../src/flows/own-uris.ts';
import { requestWith } from '../../support/messages.ts';

/** A domain with two servers. */
const dns: DnsPort = {
  naptr: () => Promise.resolve(ok({ records: [], ttl: 60 })),
  srv: (name) =>
    Promise.resolve(
      ok({
        ttl: 60,
        records: name.startsWith('_sip._udp')
          ? [
              { priority: 1, weight: 1, port: 5070, target: 'one.example' },
              { priority: 2, weight: 1, port: 5080, target: 'two.example' },
            ]
          : [],
      }),
    ),
  addresses: (name) => Promise.resolve(ok({ records: [name === 'one.example' ? '192.0.2.1' : '192.0.2.2'], ttl: 60 })),
};

function scene() {
  const clock = new SimulatedClock();
  const bus = createMemoryBus({ clock });
  const sent: { readonly hop: string; readonly user: ResponseUser }[] = [];
  const told: (number | string)[] = [];
  const flowTo = ({ address, port }: Hop): Flow => ({ id: `${address}:${port}` }) as Flow;
  const sendRequest = (_request: SipRequest, flow: Flow, user: ResponseUser): ClientTransaction => {
    sent.push({ hop: flow.id, user });
    return {} as ClientTransaction;
  };
  const sender = new Sender({
    bus,
    clock,
    random: seededRandom(1),
    instance: 'e1',
    layer: { sendRequest } as unknown as TransactionLayer, // the one method that is called
    flows: new FlowTable(() => undefined),
    uris: new OwnUris('192.0.2.200', { sip: 5060, sips: 5061, sipWs: 5066 }),
    dns,
    flowTo,
    rest: new HopRest(clock),
    large: new LargeRequests({ clock, random: seededRandom(2), connect: () => Promise.resolve(undefined) }),
    remote: new RemoteBranches({ bus, clock, instance: 'e1' }),
    edges: new PeerEdges(bus, clock),
    onDeadFlow: () => told.push('dead flow'),
  });
  const user: BranchUser = {
    sent: () => {},
    onProvisional: () => {},
    onFinal: ({ statusCode }) => told.push(statusCode),
    onTimeout: () => told.push('timeout'),
    onTransportError: () => told.push('transport error'),
    take: ({ statusCode }) => told.push(statusCode),
    lose: (status) => told.push(`lost ${status}`),
  };
  return { clock, sender, sent, told, user };
}

const request = requestWith('MESSAGE sip:bob@example.test');
const uri = { secure: false, host: 'example.test', port: undefined, transport: undefined };
const mark = 'z9hG4bKmark';
const nobody = {} as ClientTransaction;

describe('Sending to where a URI says (RFC 3263 §4.3)', () => {
  it("tries the next hop when one cannot be reached or answers 503, and tells the last one's outcome", async () => {
    const { clock, sender, sent, told, user } = scene();
    sender.send(request, { kind: 'uri', uri }, user, mark);
    await clock.run(1);
    expect(sent.map(({ hop }) => hop)).toEqual(['192.0.2.1:5070']);
    sent[0]?.user.onFinal(createResponseTo(request, 503), nobody);
    expect(sent.map(({ hop }) => hop)).toEqual(['192.0.2.1:5070', '192.0.2.2:5080']);
    expect(told).toEqual([]);
    sent[1]?.user.onTransportError(nobody, transportFailure('closed', true));
    expect(told).toEqual(['transport error']);
  });

  it('takes the answer of the first that gives one', async () => {
    const { clock, sender, sent, told, user } = scene();
    sender.send(request, { kind: 'uri', uri }, user, mark);
    await clock.run(1);
    sent[0]?.user.onFinal(createResponseTo(request, 404), nobody);
    expect([sent.length, told]).toEqual([1, [404]]);
  });
});

describe('Sending by another edge', () => {
  it('gives up soon when that edge is gone, and says that its connection is', async () => {
    const { clock, sender, told, user } = scene();
    sender.send(request, { kind: 'edge', instance: 'e9', flow: 'f9' }, user, mark);
    await clock.run(2_000);
    expect(told).toEqual(['dead flow', 'lost 480']);
  });

  it('loses a branch that has no way at all', () => {
    const { sender, told, user } = scene();
    sender.send(request, undefined, user, mark);
    sender.send(request, { kind: 'flow', flow: 'gone' }, user, mark);
    expect(told).toEqual(['lost 480', 'lost 480']);
  });
});
