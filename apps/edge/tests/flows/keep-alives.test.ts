import type { Flow } from '@parley/sip-stack';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { KeepAlives } from '../../src/flows/keep-alives.ts';

const peer = { address: '192.0.2.1', port: 5060 };
const seconds = 1000;

function udpFlow(remote = peer): Flow {
  const local = { address: '192.0.2.9', port: 5060 };
  const shared = { id: 'u', peerNames: [], open: true, local, send: () => {}, close: () => {} };
  return { ...shared, protocol: 'UDP', reliable: false, remote };
}

function scene() {
  const clock = new SimulatedClock();
  const dead: [string, readonly string[]][] = [];
  const silences = new Map<string, number>();
  const keepAlives = new KeepAlives({
    clock,
    intervals: { connection: 120, udp: 29 },
    silenceOf: ({ id }) => silences.get(id) ?? 0,
    onDead: (flow, accounts) => dead.push([flow, [...accounts]]),
  });
  const connection = (id: string) => {
    const closed: string[] = [];
    const flow: Flow = { ...udpFlow(), id, protocol: 'TCP', reliable: true, close: (reason) => closed.push(reason) };
    return { flow, closed };
  };
  return { clock, dead, silences, keepAlives, connection };
}

describe('Flows whose keep-alives were promised (RFC 5626 §5.4)', () => {
  it('over UDP are dead some time after Flow-Timer without one, with all accounts on them', async () => {
    const { clock, dead, keepAlives } = scene();
    keepAlives.expect(udpFlow(), 'alice');
    keepAlives.expect(udpFlow(), 'bob');
    await clock.run(29 * seconds);
    expect(dead).toEqual([]);
    await clock.run(20 * seconds);
    expect([dead, keepAlives.size]).toEqual([[['udp:192.0.2.1:5060', ['alice', 'bob']]], 0]);
  });

  it('over UDP live for as long as keep-alives come, each for itself', async () => {
    const { clock, dead, keepAlives } = scene();
    const other = { ...peer, port: 5061 };
    keepAlives.expect(udpFlow(), 'alice');
    keepAlives.expect(udpFlow(other), 'bob');
    for (let i = 0; i < 10; i++) {
      await clock.run(25 * seconds);
      keepAlives.heard(peer);
    }
    expect(dead).toEqual([['udp:192.0.2.1:5061', ['bob']]]);
  });

  it('over a connection are closed, which ends their bindings', async () => {
    const { clock, silences, keepAlives, connection } = scene();
    const [silent, lively] = [connection('a'), connection('b')];
    keepAlives.expect(silent.flow, 'alice');
    keepAlives.expect(lively.flow, 'bob');
    silences.set('a', 119 * seconds);
    await clock.run(10 * seconds);
    expect(silent.closed).toEqual([]);
    silences.set('a', 181 * seconds);
    await clock.run(10 * seconds);
    expect([silent.closed.length, lively.closed.length, keepAlives.size]).toEqual([1, 0, 1]);
  });
});
