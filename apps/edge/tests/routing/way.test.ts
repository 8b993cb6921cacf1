import { unwrap } from '@parley/prelude';
import { field } from '@parley/sip';
import type { ContactAddress } from '@parley/sip';
import type { Flow } from '@parley/sip-stack';
import { describe, expect, it } from 'vitest';
import { routeOf } from '../../src/registrar/binding-route.ts';
import type { Binding } from '../../src/registrar/binding.ts';
import { targetOf } from '../../src/registrar/binding.ts';
import { wayTo } from '../../src/routing/way.ts';
import { traitsOf } from '../../src/registrar/contact-traits.ts';

function contact(text: string): ContactAddress {
  const value = unwrap(field.contact.parse(text));
  if (value === '*') throw new Error('expected an address');
  return value;
}

function flow(protocol: Flow['protocol'], address = '192.0.2.1', port = 40_000): Flow {
  const reliable = protocol !== 'UDP';
  const local = { address: '192.0.2.200', port: 5060 };
  return {
    id: 'f1',
    protocol,
    reliable,
    local,
    remote: { address, port },
    peerNames: [],
    open: true,
    send() {},
    close() {},
  };
}

function binding(text: string, over: Flow, path: readonly string[] = [], instance = 'e1'): Binding {
  const address = contact(text);
  return {
    ...routeOf(address, over, instance),
    key: 'k',
    contact: address,
    ...traitsOf(address),
    target: targetOf(address),
    path,
    callId: 'c',
    cSeq: 1,
    expiresAt: 0,
    registeredAt: 0,
    refreshedAt: 0,
    accountSince: 0,
    forRooms: false,
    outbound: false,
    series: undefined,
    supported: [],
    userAgent: '',
  };
}

describe('The way to a binding', () => {
  it('is its connection, whatever the contact says (RFC 5626 §5.3)', () => {
    for (const protocol of ['TCP', 'TLS', 'WS', 'WSS'] as const) {
      expect(wayTo(binding('<sip:a@203.0.113.5:1>', flow(protocol)), 'e1')).toEqual({ kind: 'flow', flow: 'f1' });
    }
  });

  it('is the edge that holds the connection, where that is another', () => {
    const way = wayTo(binding('<sip:a@203.0.113.5:1>', flow('TCP')), 'e2');
    expect(way).toEqual({ kind: 'edge', instance: 'e1', flow: 'f1' });
  });

  it.each([
    ['<sip:a@192.0.2.1:7000>', 'udp:192.0.2.1:7000'],
    ['<sip:a@192.0.2.1>', 'udp:192.0.2.1:5060'],
    ['<sip:a@10.0.0.1:7000>', 'udp:192.0.2.1:40000'],
    ['<sip:a@phone.invalid>', 'udp:192.0.2.1:40000'],
  ])('over UDP is the contact at the source host, else the source: %s', (text, expected) => {
    expect(wayTo(binding(text, flow('UDP')), 'e1')).toEqual({ kind: 'flow', flow: expected });
  });

  it('is the contact itself where that asks for another transport than UDP', () => {
    expect(wayTo(binding('<sip:a@192.0.2.1:7000;transport=tcp>', flow('UDP')), 'e1')).toEqual({
      kind: 'uri',
      uri: { secure: false, host: '192.0.2.1', port: 7000, transport: 'tcp' },
    });
  });

  it('is the topmost Path (RFC 3327 §5.3)', () => {
    const way = wayTo(
      binding('<sip:a@192.0.2.1>', flow('UDP'), ['<sip:p.example:5070;lr>', '<sip:q.example;lr>']),
      'e1',
    );
    expect(way).toMatchObject({ kind: 'uri', uri: { host: 'p.example', port: 5070 } });
  });
});
