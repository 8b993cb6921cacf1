import { arm, informTimeout, informTransportError, pass, repeatResponse, sendResponse, sendTrying } from './effects.ts';
import { to } from './machine.ts';
import type { Machine } from './machine.ts';

/** States of a non-INVITE server transaction. @spec RFC 3261 §17.2.2, Figure 8 */
export type NonInviteServerState = 'Trying' | 'Proceeding' | 'Completed' | 'Terminated';

/** What happens to a non-INVITE server transaction; `user …` are responses that the transaction user gives. */
export type NonInviteServerStimulus =
  'request' | 'user 100' | 'user 200-699' | 'Timer J' | 'Timer Trying' | 'Timer Abandon' | 'transport error';

const section = 'RFC 3261 §17.2.2';
const stays = 'RFC 6026 §8.8';

/** The non-INVITE server transaction, which says 100 only as RFC 4320 has it and 408 never. @spec RFC 3261 §17.2.2, RFC 4320 §4 */
export const nonInviteServerMachine: Machine<NonInviteServerState, NonInviteServerStimulus> = {
  name: 'non-INVITE server transaction',
  initial: to('Trying', section, arm('Trying'), pass),
  table: {
    Trying: {
      'user 100': to('Proceeding', 'RFC 4320 §4.1', arm('Abandon'), sendResponse),
      'user 200-699': to('Completed', section, arm('J'), sendResponse),
      'Timer Trying': to('Proceeding', 'RFC 4320 §4.1', arm('Abandon'), sendTrying),
      'transport error': to('Trying', stays, informTransportError),
    },
    Proceeding: {
      request: to('Proceeding', section, repeatResponse),
      'user 200-699': to('Completed', section, arm('J'), sendResponse),
      'Timer Abandon': to('Terminated', 'RFC 4320 §4.2', informTimeout),
      'transport error': to('Proceeding', stays, informTransportError),
    },
    Completed: {
      request: to('Completed', section, repeatResponse),
      'Timer J': to('Terminated', section),
      'transport error': to('Completed', stays, informTransportError),
    },
    Terminated: {},
  },
};
