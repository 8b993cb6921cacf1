import { arm, informTimeout, informTransportError, pass, reset, sendAck, sendRequest, stop } from './effects.ts';
import { to } from './machine.ts';
import type { Machine } from './machine.ts';

/** States of an INVITE client transaction. @spec RFC 6026 §8.4, Figure 5 */
export type InviteClientState = 'Calling' | 'Proceeding' | 'Completed' | 'Accepted' | 'Terminated';

/** What happens to an INVITE client transaction; `CANCEL` is the transaction user's wish, once it was sent. */
export type InviteClientStimulus =
  | '1xx'
  | '2xx'
  | '300-699'
  | 'CANCEL'
  | 'Timer A'
  | 'Timer B'
  | 'Timer D'
  | 'Timer M'
  | 'Timer Cancelled'
  | 'transport error';

const invite = 'RFC 3261 §17.1.1.2';
const corrected = 'RFC 6026 §8.4';

/** The INVITE client transaction. @spec RFC 3261 §17.1.1, RFC 6026 §8.4 */
export const inviteClientMachine: Machine<InviteClientState, InviteClientStimulus> = {
  name: 'INVITE client transaction',
  initial: to('Calling', invite, arm('A'), arm('B'), sendRequest),
  table: {
    Calling: {
      '1xx': to('Proceeding', invite, stop('A'), stop('B'), pass),
      '2xx': to('Accepted', corrected, stop('A'), arm('M'), pass),
      '300-699': to('Completed', corrected, stop('A'), arm('D'), sendAck, pass),
      'Timer A': to('Calling', invite, reset('A', 'double'), sendRequest),
      'Timer B': to('Terminated', invite, informTimeout),
      'transport error': to('Terminated', 'RFC 3261 §17.1.4', informTransportError),
    },
    Proceeding: {
      '1xx': to('Proceeding', invite, pass),
      '2xx': to('Accepted', corrected, arm('M'), pass),
      '300-699': to('Completed', corrected, arm('D'), sendAck, pass),
      CANCEL: to('Proceeding', 'RFC 3261 §9.1', arm('Cancelled')),
      'Timer Cancelled': to('Terminated', 'RFC 3261 §9.1', informTimeout),
      'transport error': to('Terminated', 'RFC 3261 §17.1.4', informTransportError),
    },
    Completed: {
      '300-699': to('Completed', corrected, sendAck),
      'Timer D': to('Terminated', corrected),
      'transport error': to('Terminated', corrected, informTransportError),
    },
    Accepted: {
      '2xx': to('Accepted', corrected, pass),
      'Timer M': to('Terminated', corrected),
    },
    Terminated: {},
  },
};
