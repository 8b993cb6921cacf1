import { ok, unwrap } from '@parley/prelude';
import { parseUri } from '@parley/sip';
import type { DnsPort } from '@parley/sip-stack';
import { parleySettings } from '@parley/service';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { HopRest } from '../../src/actors/proxy/hop-rest.ts';
import { refuseForeign, senderDomain } from '../../src/federation/admit-foreign.ts';
import { Peers } from '../../src/federation/peers.ts';
import { RateLimit } from '../../src/federation/rate-limit.ts';
import { wayBeyond } from '../../src/federation/way-beyond.ts';
import { requestWith } from '../support/messages.ts';
import { flowFrom } from '../support/flow.ts';

const dns: Pick<DnsPort, 'addresses'> = {
  addresses: (name) => Promise.resolve(ok({ records: name === 'edge.named.example' ? ['192.0.2.9'] : [], ttl: 1 })),
};

function peersOf(text: string): Peers {
  return new Peers(unwrap(parleySettings({ PARLEY_PEERS: text })).peers, dns);
}

const peers = peersOf(
  'plain.example=sip:192.0.2.7:5070;transport=tcp,safe.example=sips:192.0.2.8,named.example=sip:edge.named.example',
);

function way(uri: string, isSecure = false) {
  return wayBeyond(unwrap(parseUri(uri)), isSecure, peers);
}

describe('The way to another domain', () => {
  it('is what PARLEY_PEERS names, and the certificate there proves the domain (RFC 5922 §7.2)', () => {
    expect(way('sip:zoe@PLAIN.example')).toEqual({
      trusted: true,
      way: {
        kind: 'uri',
        uri: { secure: false, host: '192.0.2.7', port: 5070, transport: 'tcp' },
        serverName: 'plain.example',
      },
    });
  });

  it('is found by RFC 3263 where nothing is named, or the URI has a port of its own', () => {
    expect(way('sip:zoe@far.example;transport=tcp')).toMatchObject({
      trusted: false,
      way: { uri: { host: 'far.example', port: undefined, transport: 'tcp' } },
    });
    expect(way('sip:zoe@plain.example:5080')).toMatchObject({ trusted: false });
    expect(way('im:zoe@far.example')).toMatchObject({ way: { uri: { host: 'far.example', service: 'im' } } });
    expect(way('tel:+49301')).toBeUndefined();
  });

  it('goes by TLS alone for a sips: request (RFC 5630 §5.3)', () => {
    expect(way('sips:zoe@plain.example', true)).toBeUndefined();
    expect(way('sips:zoe@safe.example', true)).toMatchObject({ way: { uri: { secure: true } } });
    expect(way('sip:proxy.example', true)).toMatchObject({ way: { uri: { secure: true } } });
  });
});

describe('A peer', () => {
  const proved = async (domain: string, address: string, peerNames: readonly string[] = []): Promise<boolean> => {
    const peer = peers.find(domain);
    return peer !== undefined && (await peers.proves(peer, { ...flowFrom(address), peerNames }));
  };

  it('is proved by the address of its next hop, looked up where that is a name, or by its certificate', async () => {
    expect(await proved('plain.example', '192.0.2.7')).toBe(true);
    expect(await proved('plain.example', '192.0.2.70')).toBe(false);
    expect(await proved('named.example', '192.0.2.9')).toBe(true);
    expect(await proved('safe.example', '198.51.100.1', ['safe.example'])).toBe(true);
    expect(await proved('safe.example', '198.51.100.1', ['plain.example'])).toBe(false);
  });

  it('is named by From; where that is anonymous, by the identity that the last hop vouches for', () => {
    expect(senderDomain(requestWith('MESSAGE sip:bob@localhost'))).toBe('localhost');
    const anonymous = requestWith('MESSAGE sip:bob@localhost', ['P-Asserted-Identity: <sip:zoe@Far.example>']);
    expect(senderDomain(anonymous)).toBe('localhost');
  });

  it.each([
    ['off', true, true, true, 403],
    ['peers', true, true, true, undefined],
    ['peers', true, false, true, 403],
    ['peers', false, false, true, 403],
    ['open', false, false, true, undefined],
    ['open', false, false, false, 503],
    ['open', true, false, true, 403],
  ] as const)('%s, peer %s, proved %s, modest %s: %s', (policy, isPeer, isProved, isModest, status) => {
    expect(refuseForeign(policy, { isPeer, isProved, isModest })?.status).toBe(status);
  });
});

describe('Rate limit', () => {
  it('lets a burst pass, then so many a second, for each source alone', () => {
    const limit = new RateLimit({ perSecond: 2, burst: 3 });
    const taken = (source: string, now: number): boolean => limit.take(source, now);
    expect([0, 0, 0, 0].map((now) => taken('a', now))).toEqual([true, true, true, false]);
    expect(taken('b', 0)).toBe(true);
    expect([500, 500, 10_000].map((now) => taken('a', now))).toEqual([true, false, true]);
  });
});

describe('Hops that failed lately (RFC 3263 §4.3)', () => {
  it('come last for a minute', async () => {
    const clock = new SimulatedClock();
    const rest = new HopRest(clock);
    const [one, two] = [1, 2].map((port) => ({ protocol: 'TCP' as const, address: '192.0.2.1', port, serverName: '' }));
    if (one === undefined || two === undefined) throw new Error('expected two hops');
    rest.failed(one);
    expect(rest.order([one, two])).toEqual([two, one]);
    await clock.run(60_001);
    expect(rest.order([one, two])).toEqual([one, two]);
  });
});
