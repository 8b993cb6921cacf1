import { ok } from '@parley/prelude';
import { withFirst } from '@parley/sip';
import type { Flow, Hop, ServerTransaction } from '@parley/sip-stack';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { ForeignDoor } from '../../../src/actors/entry/foreign-door.ts';
import { Peers } from '../../../src/federation/peers.ts';
import { rawVia } from '../../../src/routing/raw-route.ts';
import { flowFrom } from '../../support/flow.ts';
import { requestWith } from '../../support/messages.ts';

/** The domain that {@link requestWith} comes from. */
const domain = 'localhost';
const peer = { domain, uri: '', secure: false, host: '192.0.2.7', port: 5061, transport: 'tls' } as const;

async function knock(peerNames: readonly string[], via: string) {
  const adopted: Hop[] = [];
  const heard: (number | string)[] = [];
  const door = new ForeignDoor({
    policy: 'peers',
    peers: new Peers([peer], { addresses: () => Promise.resolve(ok({ records: [], ttl: 1 })) }),
    clock: new SimulatedClock(),
    responder: { refuse: (_to, { status }) => heard.push(status) },
    adopt: (_flow, hop) => adopted.push(hop),
    vouchFor: () => heard.push('vouched'),
  });
  const flow: Flow = { ...flowFrom('198.51.100.1', 40_000), protocol: 'TLS', peerNames };
  // Only the flow of the transaction is looked at.
  const transaction = { flow } as unknown as ServerTransaction;
  const request = withFirst(requestWith('MESSAGE sip:bob@here.example'), rawVia, via);
  await door.admit(transaction, request, (trusted) => heard.push(trusted ? 'trusted' : 'stranger'));
  return { adopted, heard };
}

describe('A connection over TLS that a peer opened (RFC 5923 §5)', () => {
  it('carries our requests to the peer too, where it asks for that and has proved its domain', async () => {
    const { adopted, heard } = await knock([domain], 'SIP/2.0/TLS 192.0.2.7:5071;branch=z9hG4bK1;alias');
    expect(heard).toEqual(['vouched', 'trusted']);
    expect(adopted).toEqual([{ protocol: 'TLS', address: '198.51.100.1', port: 5071, serverName: domain }]);
  });

  it('does not where nobody asked, and is not let in without proof', async () => {
    expect((await knock([domain], 'SIP/2.0/TLS 192.0.2.7:5071;branch=z9hG4bK1')).adopted).toEqual([]);
    const unproved = await knock([], 'SIP/2.0/TLS 192.0.2.7:5071;branch=z9hG4bK1;alias');
    expect([unproved.heard, unproved.adopted]).toEqual([[403], []]);
  });
});
