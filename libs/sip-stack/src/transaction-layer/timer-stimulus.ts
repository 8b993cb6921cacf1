import type { TimerName } from '../transactions/timers.ts';

/** What a timer that fires is called in the tables; made once, since it is looked up for every timer. */
export const timerStimulus: { readonly [Name in TimerName]: `Timer ${Name}` } = {
  A: 'Timer A',
  B: 'Timer B',
  D: 'Timer D',
  E: 'Timer E',
  F: 'Timer F',
  G: 'Timer G',
  H: 'Timer H',
  I: 'Timer I',
  J: 'Timer J',
  K: 'Timer K',
  L: 'Timer L',
  M: 'Timer M',
  Cancelled: 'Timer Cancelled',
  Provisional: 'Timer Provisional',
  Trying: 'Timer Trying',
  Abandon: 'Timer Abandon',
};
