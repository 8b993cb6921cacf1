import type { TransactionEffect } from './machine.ts';
import type { TimerName } from './timers.ts';

/** Effects without parameters, shared by the four tables. */
export const sendRequest: TransactionEffect = { kind: 'SendRequest' };
export const sendAck: TransactionEffect = { kind: 'SendAck' };
export const sendResponse: TransactionEffect = { kind: 'SendResponse' };
export const repeatResponse: TransactionEffect = { kind: 'RepeatResponse' };
export const sendTrying: TransactionEffect = { kind: 'SendTrying' };
export const pass: TransactionEffect = { kind: 'Pass' };
export const informTimeout: TransactionEffect = { kind: 'InformTimeout' };
export const informTransportError: TransactionEffect = { kind: 'InformTransportError' };

/** Starts `timer` with its first interval. */
export function arm(timer: TimerName): TransactionEffect {
  return { kind: 'ArmTimer', timer };
}

/** Starts `timer` with twice the interval that ended, or with T2. */
export function reset(timer: TimerName, to: 'double' | 'T2'): TransactionEffect {
  return { kind: 'ResetTimer', timer, to };
}

/** Stops `timer`. */
export function stop(timer: TimerName): TransactionEffect {
  return { kind: 'StopTimer', timer };
}
