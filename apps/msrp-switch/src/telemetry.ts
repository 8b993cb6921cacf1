import type { ServiceContext } from '@parley/service';
import type { Connections } from './connection/connections.ts';
import type { Switchboard } from './hub/switchboard.ts';

/** What can be measured at any time. */
export function observeSwitch({ metrics }: ServiceContext, board: Switchboard, connections: Connections): void {
  metrics.gauge('msrp_sessions', 'MSRP sessions, by whether they have a connection', ['state'], (gauge) => {
    const bound = board.all().filter(({ isBound }) => isBound).length;
    gauge.set({ state: 'bound' }, bound);
    gauge.set({ state: 'unbound' }, board.sessionCount - bound);
  });
  metrics.gauge('msrp_hubs', 'rooms with sessions on this switch', [], (gauge) => {
    gauge.set(board.hubCount);
  });
  metrics.gauge('msrp_connections', 'transport connections', [], (gauge) => {
    gauge.set(connections.size);
  });
}
