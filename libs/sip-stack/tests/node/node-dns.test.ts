import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { resolveTarget } from '../../src/index.ts';
import { nodeDns } from '../../src/node/index.ts';

const types = { A: 1, AAAA: 28, SRV: 33, NAPTR: 35 } as const;
type Type = keyof typeof types;

const label = (text: string): Buffer => Buffer.from([text.length, ...Buffer.from(text)]);
const nameOctets = (name: string): Buffer => Buffer.concat([...name.split('.').map(label), Buffer.from([0])]);
const numbers = (...values: number[]): Buffer => {
  const octets = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => octets.writeUInt16BE(value, 2 * i));
  return octets;
};

/** A DNS server with a few records, answering in the format of RFC 1035 §4; what it does not know does not exist. */
async function dnsServer(zone: Readonly<Record<string, readonly Buffer[]>>) {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const end = query.indexOf(0, 12) + 5;
    const labels: string[] = [];
    for (let at = 12; (query[at] ?? 0) > 0; at += (query[at] ?? 0) + 1) {
      labels.push(query.toString('latin1', at + 1, at + 1 + (query[at] ?? 0)));
    }
    const type = query.readUInt16BE(end - 4);
    const name = Object.keys(types).find((key) => types[key as Type] === type) ?? '';
    const data = zone[`${name} ${labels.join('.').toLowerCase()}`] ?? [];
    const head = Buffer.concat([
      query.subarray(0, 2),
      numbers(0x8180 | (data.length > 0 ? 0 : 3), 1, data.length, 0, 0),
    ]);
    const records = data.map((octets) => Buffer.concat([numbers(0xc00c, type, 1, 0, 300, octets.length), octets]));
    socket.send(Buffer.concat([head, query.subarray(12, end), ...records]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { server: `127.0.0.1:${socket.address().port}`, [Symbol.dispose]: () => socket.close() };
}

describe('DNS by Node', () => {
  it('finds NAPTR, SRV and addresses at the server it is pointed at', async () => {
    using dns = await dnsServer({
      'NAPTR example.com': [
        Buffer.concat([numbers(10, 20), label('s'), label('SIP+D2T'), label(''), nameOctets('_sip._tcp.example.com')]),
      ],
      'SRV _sip._tcp.example.com': [Buffer.concat([numbers(1, 2, 5070), nameOctets('host.example.com')])],
      'A host.example.com': [Buffer.from([192, 0, 2, 9])],
    });
    const port = nodeDns({ server: dns.server });
    const uri = { secure: false, host: 'example.com', port: undefined, transport: undefined };
    const random = { bytes: (length: number) => new Uint8Array(length) };
    expect(unwrap(await resolveTarget(uri, port, random))).toEqual([
      { protocol: 'TCP', address: '192.0.2.9', port: 5070, serverName: 'example.com' },
    ]);
    expect(unwrap(await port.addresses('host.example.com'))).toEqual({ records: ['192.0.2.9'], ttl: 60 });
    expect(unwrap(await port.srv('nowhere.example'))).toEqual({ records: [], ttl: 60 });
  });

  it('tells a server that does not answer from a name that does not exist', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const port = nodeDns({ server: `127.0.0.1:${socket.address().port}`, timeout: 20, tries: 1 });
    expect(await port.naptr('example.com')).toMatchObject({ error: { kind: 'TransportFailure', retryable: true } });
    socket.close();
  });

  it('keeps localhost on this machine (RFC 6761 §6.3)', async () => {
    const port = nodeDns({ server: '127.0.0.1:1' });
    expect(unwrap(await port.addresses('chat.localhost')).records).toEqual(['127.0.0.1', '::1']);
  });
});
