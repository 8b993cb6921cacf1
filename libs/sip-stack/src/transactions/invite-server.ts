import {
  arm,
  informTimeout,
  informTransportError,
  pass,
  repeatResponse,
  reset,
  sendResponse,
  sendTrying,
  stop,
} from './effects.ts';
import { to } from './machine.ts';
import type { Machine } from './machine.ts';

/** States of an INVITE server transaction. @spec RFC 6026 §8.6, Figure 7 */
export type InviteServerState = 'Proceeding' | 'Completed' | 'Confirmed' | 'Accepted' | 'Terminated';

/** What happens to an INVITE server transaction; `user …` are responses that the transaction user gives. */
export type InviteServerStimulus =
  | 'INVITE'
  | 'ACK'
  | 'user 1xx'
  | 'user 2xx'
  | 'user 300-699'
  | 'Timer G'
  | 'Timer H'
  | 'Timer I'
  | 'Timer L'
  | 'Timer Provisional'
  | 'transport error';

const section = 'RFC 3261 §17.2.1';
const corrected = 'RFC 6026 §8.7';
const stays = 'RFC 6026 §8.8';

/** The INVITE server transaction. @spec RFC 3261 §17.2.1, RFC 6026 §7.1 */
export const inviteServerMachine: Machine<InviteServerState, InviteServerStimulus> = {
  name: 'INVITE server transaction',
  initial: to('Proceeding', section, arm('Provisional'), pass),
  table: {
    Proceeding: {
      INVITE: to('Proceeding', section, repeatResponse),
      'user 1xx': to('Proceeding', section, stop('Provisional'), sendResponse),
      'user 2xx': to('Accepted', 'RFC 6026 §8.5', arm('L'), sendResponse),
      'user 300-699': to('Completed', section, arm('H'), arm('G'), sendResponse),
      'Timer Provisional': to('Proceeding', section, sendTrying),
      'transport error': to('Proceeding', stays, informTransportError),
    },
    Completed: {
      INVITE: to('Completed', section, repeatResponse),
      ACK: to('Confirmed', section, stop('G'), arm('I')),
      'Timer G': to('Completed', section, reset('G', 'double'), repeatResponse),
      'Timer H': to('Terminated', section, informTimeout),
      'transport error': to('Completed', stays, informTransportError),
    },
    Confirmed: { 'Timer I': to('Terminated', section) },
    Accepted: {
      INVITE: to('Accepted', corrected),
      ACK: to('Accepted', corrected, pass),
      'user 2xx': to('Accepted', corrected, sendResponse),
      'Timer L': to('Terminated', corrected),
      'transport error': to('Accepted', stays, informTransportError),
    },
    Terminated: {},
  },
};
