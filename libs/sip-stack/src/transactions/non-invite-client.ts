import { arm, informTimeout, informTransportError, pass, reset, sendRequest, stop } from './effects.ts';
import { to } from './machine.ts';
import type { Machine } from './machine.ts';

/** States of a non-INVITE client transaction. @spec RFC 3261 §17.1.2.2, Figure 6 */
export type NonInviteClientState = 'Trying' | 'Proceeding' | 'Completed' | 'Terminated';

/** What happens to a non-INVITE client transaction. */
export type NonInviteClientStimulus = '1xx' | '200-699' | 'Timer E' | 'Timer F' | 'Timer K' | 'transport error';

const section = 'RFC 3261 §17.1.2.2';

/** The non-INVITE client transaction. @spec RFC 3261 §17.1.2 */
export const nonInviteClientMachine: Machine<NonInviteClientState, NonInviteClientStimulus> = {
  name: 'non-INVITE client transaction',
  initial: to('Trying', section, arm('E'), arm('F'), sendRequest),
  table: {
    Trying: {
      '1xx': to('Proceeding', section, pass),
      '200-699': to('Completed', section, stop('E'), arm('K'), pass),
      'Timer E': to('Trying', section, reset('E', 'double'), sendRequest),
      'Timer F': to('Terminated', section, informTimeout),
      'transport error': to('Terminated', 'RFC 3261 §17.1.4', informTransportError),
    },
    Proceeding: {
      '1xx': to('Proceeding', section, pass),
      '200-699': to('Completed', section, stop('E'), arm('K'), pass),
      'Timer E': to('Proceeding', section, reset('E', 'T2'), sendRequest),
      'Timer F': to('Terminated', section, informTimeout),
      'transport error': to('Terminated', 'RFC 3261 §17.1.4', informTransportError),
    },
    Completed: { 'Timer K': to('Terminated', section) },
    Terminated: {},
  },
};
