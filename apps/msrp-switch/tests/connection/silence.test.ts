import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { SilenceWatch } from '../../src/connection/silence-watch.ts';
import { stalledIn } from '../../src/connection/stalled-connections.ts';

/** What Linux shows: a listener, and connections that are idle, sending again, asking for room, and answered. */
const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0B27 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2842707 1 00000000ea812d99 100 0 0 10 0
   1: 0100007F:0B27 0200000A:C350 01 00000000:00000000 02:00000214 00000000     0        0 2841574 2 000000001662591e 20 4 30 10 -1
   2: 0100007F:0B27 0300000A:C351 01 00000180:00000000 01:00000A14 00000004     0        0 2841575 2 000000001662591f 20 4 30 10 -1
   3: 0100007F:0B27 0400000A:C352 01 00000180:00000000 01:00000014 00000000     0        0 2841576 2 0000000016625920 20 4 30 10 -1
   4: 0100007F:0B27 0500000A:C353 01 00020180:00000000 04:00000A14 00000000     0        3 2841577 2 0000000016625921 20 4 30 10 -1
   5: 0100007F:0B27 0600000A:C354 01 00020180:00000000 04:00000A14 00000000     0        0 2841578 2 0000000016625922 20 4 30 10 -1
`;
const table6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:0B27 B80D0120000000000000000001000000:D431 01 00000180:00000000 01:00000A14 00000004     0        0 2841575 2 000000001662591f 20 4 30 10 -1
   1: 0000000000000000FFFF00000100007F:0B27 0000000000000000FFFF00000300000A:D432 01 00000180:00000000 01:00000A14 00000004     0        0 2841575 2 000000001662591f 20 4 30 10 -1
`;

describe('Connections whose peers acknowledge nothing', () => {
  it('are those that send again, or ask in vain for room', () => {
    expect(stalledIn(table)).toEqual(['10.0.0.3 50001 2855', '10.0.0.5 50003 2855']);
  });

  it('are told by their addresses as Node has them', () => {
    expect(stalledIn(table6)).toEqual(['2001:db8::1 54321 2855', '10.0.0.3 54322 2855']);
  });
});

describe('A peer that falls silent', () => {
  const limits = { silenceTime: 12_000, silenceLook: 2000 };

  function watching() {
    const clock = new SimulatedClock();
    const ended: string[] = [];
    const stalled = new Set<string>();
    const named = (name: string) => ({ name, lose: () => ended.push(name) });
    const connections = new Set([named('alice'), named('bob')]);
    const watch = new SilenceWatch({ clock, limits, connections, stalled: () => Promise.resolve(stalled) });
    return { clock, ended, stalled, watch };
  }

  it('is left once nothing was acknowledged for its time, and nobody else is', async () => {
    const { clock, ended, stalled } = watching();
    stalled.add('alice');
    await clock.run(12_000);
    expect(ended).toEqual([]);
    await clock.run(4000);
    expect(ended[0]).toBe('alice');
    expect(new Set(ended).size).toBe(1);
  });

  it('is not, when it acknowledged something in between', async () => {
    const { clock, ended, stalled } = watching();
    stalled.add('alice');
    await clock.run(10_000);
    stalled.delete('alice');
    await clock.run(2000);
    stalled.add('alice');
    await clock.run(10_000);
    expect(ended).toEqual([]);
  });

  it('is not looked after any more when the switch stops', async () => {
    const { clock, ended, stalled, watch } = watching();
    stalled.add('alice');
    watch[Symbol.dispose]();
    await clock.run(60_000);
    expect(ended).toEqual([]);
  });
});
