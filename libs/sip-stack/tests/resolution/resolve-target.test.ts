import { err, ok, transportFailure, unwrap } from '@parley/prelude';
import type { Clock, Random } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cachingDns, orderSrv, resolveTarget } from '../../src/index.ts';
import type { DnsOutcome, DnsPort, NaptrRecord, SrvRecord, TargetUri } from '../../src/index.ts';

interface Zone {
  readonly naptr?: Readonly<Record<string, readonly NaptrRecord[]>>;
  readonly srv?: Readonly<Record<string, readonly SrvRecord[]>>;
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
}

/** A DNS that knows one zone and writes down what it was asked. */
function dnsOf(zone: Zone, asked: string[] = []): DnsPort {
  const answer = <Entry>(question: string, records: readonly Entry[] = []): Promise<DnsOutcome<Entry>> => {
    asked.push(question);
    return Promise.resolve(ok({ records, ttl: 60 }));
  };
  return {
    naptr: (name) => answer(`NAPTR ${name}`, zone.naptr?.[name]),
    srv: (name) => answer(`SRV ${name}`, zone.srv?.[name]),
    addresses: (name) => answer(`A ${name}`, zone.addresses?.[name]),
  };
}

const random: Random = { bytes: (length) => new Uint8Array(length) };
const sip = (host: string, more: Partial<TargetUri> = {}): TargetUri => ({
  secure: false,
  host,
  port: undefined,
  transport: undefined,
  ...more,
});
const naptr = (order: number, preference: number, service: string, replacement: string): NaptrRecord => ({
  order,
  preference,
  flags: 's',
  service,
  regexp: '',
  replacement,
});
const srv = (priority: number, weight: number, port: number, target: string): SrvRecord => ({
  priority,
  weight,
  port,
  target,
});

async function hops(uri: TargetUri, zone: Zone, asked?: string[]): Promise<string[]> {
  const found = unwrap(await resolveTarget(uri, dnsOf(zone, asked), random));
  return found.map(({ protocol, address, port }) => `${protocol} ${address} ${port}`);
}

/** The example of RFC 3263 §4.1 and §4.2. */
const example: Zone = {
  naptr: {
    'example.com': [
      naptr(90, 50, 'SIP+D2U', '_sip._udp.example.com'),
      naptr(50, 50, 'SIPS+D2T', '_sips._tcp.example.com'),
      naptr(90, 50, 'SIP+D2T', '_sip._tcp.example.com'),
    ],
  },
  srv: {
    '_sips._tcp.example.com': [srv(0, 1, 5061, 'server1.example.com'), srv(1, 2, 5061, 'server2.example.com')],
    '_sip._tcp.example.com': [srv(0, 1, 5060, 'server1.example.com')],
    '_sip._udp.example.com': [srv(0, 1, 5060, 'server2.example.com')],
  },
  addresses: { 'server1.example.com': ['192.0.2.1', '2001:db8::1'], 'server2.example.com': ['192.0.2.2'] },
};

describe('selecting a transport protocol (RFC 3263 §4.1)', () => {
  it('SHOULD use UDP to a numeric address, TLS for sips', async () => {
    const asked: string[] = [];
    expect(await hops(sip('192.0.2.7'), {}, asked)).toEqual(['UDP 192.0.2.7 5060']);
    expect(await hops(sip('[2001:db8::7]', { port: 5070 }), {}, asked)).toEqual(['UDP 2001:db8::7 5070']);
    expect(await hops(sip('192.0.2.7', { secure: true }), {}, asked)).toEqual(['TLS 192.0.2.7 5061']);
    expect(await hops(sip('192.0.2.7', { transport: 'TCP' }), {}, asked)).toEqual(['TCP 192.0.2.7 5060']);
    expect(asked).toEqual([]);
  });

  it('SHOULD use UDP to a name with a port, and ask for its addresses alone', async () => {
    const asked: string[] = [];
    expect(await hops(sip('server1.example.com', { port: 5080 }), example, asked)).toEqual([
      'UDP 192.0.2.1 5080',
      'UDP 2001:db8::1 5080',
    ]);
    expect(asked).toEqual(['A server1.example.com']);
  });

  it('follows NAPTR in the order and preference of the domain', async () => {
    expect(await hops(sip('example.com'), example)).toEqual([
      'TLS 192.0.2.1 5061',
      'TLS 2001:db8::1 5061',
      'TLS 192.0.2.2 5061',
      'UDP 192.0.2.2 5060',
      'TCP 192.0.2.1 5060',
      'TCP 2001:db8::1 5060',
    ]);
  });

  it('MUST discard what does not keep the promise of a sips URI', async () => {
    const found = await hops(sip('example.com', { secure: true }), example);
    expect(found.every((hop) => hop.startsWith('TLS '))).toBe(true);
    expect((await resolveTarget(sip('a.example', { secure: true, transport: 'udp' }), dnsOf({}), random)).ok).toBe(
      false,
    );
  });

  it('asks SRV for each protocol when there is no NAPTR', async () => {
    const asked: string[] = [];
    const { srv: records, addresses } = example;
    const found = await hops(sip('example.com'), { srv: records!, addresses: addresses! }, asked);
    expect(asked.slice(0, 4)).toEqual([
      'NAPTR example.com',
      'SRV _sips._tcp.example.com',
      'SRV _sip._tcp.example.com',
      'SRV _sip._udp.example.com',
    ]);
    expect(found[0]).toBe('TLS 192.0.2.1 5061');
  });

  it('asks SRV of the protocol that the URI names', async () => {
    const asked: string[] = [];
    expect(await hops(sip('example.com', { transport: 'tcp' }), example, asked)).toEqual([
      'TCP 192.0.2.1 5060',
      'TCP 2001:db8::1 5060',
    ]);
    expect(asked[0]).toBe('SRV _sip._tcp.example.com');
  });

  it('asks for the addresses of the domain when it has neither, with the default port', async () => {
    expect(await hops(sip('server2.example.com'), example)).toEqual(['UDP 192.0.2.2 5060']);
    expect(await hops(sip('server2.example.com', { secure: true }), example)).toEqual(['TLS 192.0.2.2 5061']);
  });

  it('reaches nobody where the service is decidedly not available (RFC 2782)', async () => {
    const zone: Zone = {
      srv: { '_sip._udp.example.com': [srv(0, 0, 0, '.')] },
      addresses: { 'example.com': ['192.0.2.1'] },
    };
    expect(await resolveTarget(sip('example.com'), dnsOf(zone), random)).toMatchObject({ error: { retryable: false } });
  });

  it('tells a domain without addresses from a DNS that could not tell', async () => {
    expect(await resolveTarget(sip('nowhere.example'), dnsOf({}), random)).toMatchObject({
      error: { kind: 'TransportFailure', retryable: false },
    });
    const down = () => Promise.resolve(err(transportFailure('timeout', true)));
    expect(await resolveTarget(sip('a.example'), { naptr: down, srv: down, addresses: down }, random)).toMatchObject({
      error: { retryable: true },
    });
  });

  it('keeps the domain of the URI as the name to prove (RFC 5922 §7)', async () => {
    const found = unwrap(await resolveTarget(sip('example.com'), dnsOf(example), random));
    expect(new Set(found.map(({ serverName }) => serverName))).toEqual(new Set(['example.com']));
  });

  it('never gives more hops than asked for', async () => {
    const many = Array.from({ length: 100 }, (_, i) => srv(0, 1, 5060, `h${i}.example`));
    const addresses = Object.fromEntries(many.map(({ target }) => [target, ['192.0.2.1', '192.0.2.2']]));
    const asked: string[] = [];
    const found = await hops(sip('example.com'), { srv: { '_sip._udp.example.com': many }, addresses }, asked);
    expect(found).toHaveLength(16);
    expect(asked.filter((question) => question.startsWith('A '))).toHaveLength(16);
  });
});

/** Octets that make the draw come out at `fraction` of the whole. */
const drawing = (fraction: number): Random => ({
  bytes: () => {
    const octets = new Uint8Array(4);
    new DataView(octets.buffer).setUint32(0, Math.floor(fraction * 0x1_0000_0000));
    return octets;
  },
});

describe('the order of SRV records (RFC 2782)', () => {
  it('MUST try the lowest priority first', () => {
    const ordered = orderSrv([srv(2, 0, 1, 'b'), srv(1, 0, 1, 'a'), srv(3, 0, 1, 'c')], random);
    expect(ordered.map(({ target }) => target)).toEqual(['a', 'b', 'c']);
  });

  it('SHOULD draw the heavier more often, and leave weight 0 a very small chance', () => {
    const records = [srv(0, 0, 1, 'never'), srv(0, 1, 1, 'quarter'), srv(0, 3, 1, 'most')];
    const first = (fraction: number) => orderSrv(records, drawing(fraction))[0]?.target;
    expect([first(0), first(0.21), first(0.41), first(0.999)]).toEqual(['never', 'quarter', 'most', 'most']);
  });

  it('loses and doubles no record', () => {
    const record = fc.record({
      priority: fc.nat(3),
      weight: fc.nat(65_535),
      port: fc.nat(65_535),
      target: fc.string({ maxLength: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 20 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (records, at) => {
          const ordered = orderSrv(records, drawing(at));
          expect(new Set(ordered)).toEqual(new Set(records));
          expect(ordered).toHaveLength(records.length);
          expect(ordered.map(({ priority }) => priority)).toEqual(
            records.map(({ priority }) => priority).sort((a, b) => a - b),
          );
        },
      ),
    );
  });
});

describe('a cache of DNS answers', () => {
  function clockAt(): Clock & { time: number } {
    const clock = { time: 0, now: () => clock.time, wallTime: () => clock.time, after: () => () => {} };
    return clock;
  }

  it('keeps an answer for its time to live, whatever the case of the name', async () => {
    const asked: string[] = [];
    const clock = clockAt();
    const dns = cachingDns(dnsOf(example, asked), clock);
    await dns.srv('_sip._udp.example.com');
    await dns.srv('_SIP._udp.example.com');
    clock.time = 59_999;
    await dns.srv('_sip._udp.example.com');
    expect(asked).toHaveLength(1);
    clock.time = 60_000;
    await dns.srv('_sip._udp.example.com');
    expect(asked).toHaveLength(2);
  });

  it('asks once for all who wait, and keeps a bounded number of names', async () => {
    const asked: string[] = [];
    const dns = cachingDns(dnsOf({}, asked), clockAt(), { entries: 2 });
    await Promise.all([dns.addresses('a'), dns.addresses('a')]);
    expect(asked).toEqual(['A a']);
    await dns.addresses('b');
    await dns.addresses('c');
    await dns.addresses('a');
    expect(asked).toEqual(['A a', 'A b', 'A c', 'A a']);
  });
});

describe('A domain of an im: URI (RFC 3861 §3, §4)', () => {
  const zone: Zone = {
    srv: { '_im._sip.example.com': [srv(0, 1, 5070, 'im.example.com')], ...example.srv },
    addresses: { 'im.example.com': ['192.0.2.5'], 'server2.example.com': ['192.0.2.2'] },
  };

  it('is reached at the server that it names for instant messages', async () => {
    expect(await hops(sip('example.com', { service: 'im' }), zone)).toEqual(['UDP 192.0.2.5 5070']);
  });

  it('is reached as any SIP domain where it names none', async () => {
    const found = await hops(sip('example.com', { service: 'pres' }), zone);
    expect(found).toContain('UDP 192.0.2.2 5060');
  });
});
