import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { unwrap } from '@parley/prelude';
import { startDns } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { resolveTarget } from '../../src/index.ts';
import { nodeDns } from '../../src/node/index.ts';

describe('DNS by Node', () => {
  it('finds NAPTR, SRV and addresses at the server it is pointed at', async () => {
    using dns = await startDns({
      naptr: {
        'example.com': [{ order: 10, preference: 20, service: 'SIP+D2T', replacement: '_sip._tcp.example.com' }],
      },
      srv: { '_sip._tcp.example.com': [{ priority: 1, weight: 2, port: 5070, target: 'host.example.com' }] },
      a: { 'host.example.com': ['192.0.2.9'] },
    });
    const port = nodeDns({ server: dns.address });
    const uri = { secure: false, host: 'example.com', port: undefined, transport: undefined };
    const random = { bytes: (length: number) => new Uint8Array(length) };
    expect(unwrap(await resolveTarget(uri, port, random))).toEqual([
      { protocol: 'TCP', address: '192.0.2.9', port: 5070, serverName: 'example.com' },
    ]);
    expect(unwrap(await port.addresses('host.example.com'))).toEqual({ records: ['192.0.2.9'], ttl: 1 });
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
