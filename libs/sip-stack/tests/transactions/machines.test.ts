import { describe, expect, it } from 'vitest';
import {
  inviteClientMachine,
  inviteServerMachine,
  nonInviteClientMachine,
  nonInviteServerMachine,
  step,
} from '../../src/index.ts';
import type { Machine, TransactionEffect } from '../../src/index.ts';

const words = (effects: readonly TransactionEffect[]): string[] =>
  effects.map((effect) => ('timer' in effect ? `${effect.kind} ${effect.timer}` : effect.kind));

type Rule<State, Stimulus> = readonly [state: State, stimulus: Stimulus, to: State, effects: string, rule: string];

function holds<State extends string, Stimulus extends string>(
  machine: Machine<State, Stimulus>,
  rules: readonly Rule<State, Stimulus>[],
): void {
  describe(machine.name, () => {
    it.each(rules)('%s, %s → %s [%s]: %s', (state, stimulus, to, effects) => {
      const [after, done] = step(machine, state, stimulus);
      expect([after, words(done).join(', ')]).toEqual([to, effects]);
    });

    it('has no other transition', () => {
      const cells = Object.entries<object>(machine.table).flatMap(([state, row]) =>
        Object.keys(row).map((stimulus) => `${state}, ${stimulus}`),
      );
      expect(cells.toSorted()).toEqual(rules.map(([state, stimulus]) => `${state}, ${stimulus}`).toSorted());
    });

    it('ignores every stimulus in Terminated, in which it MUST be destroyed', () => {
      expect(Object.keys(machine.table['Terminated' as State])).toEqual([]);
    });

    it('sets its timers before anything leaves it, so that an answer finds it ready', () => {
      for (const row of Object.values<object>(machine.table)) {
        for (const { effects } of Object.values(row) as { effects: readonly TransactionEffect[] }[]) {
          const leaves = effects.findIndex(({ kind }) => !kind.endsWith('Timer'));
          expect(effects.slice(leaves === -1 ? effects.length : leaves).every((e) => !('timer' in e))).toBe(true);
        }
      }
    });
  });
}

holds(inviteClientMachine, [
  ['Calling', '1xx', 'Proceeding', 'StopTimer A, StopTimer B, Pass', 'MUST NOT retransmit any further (§17.1.1.2)'],
  ['Calling', '2xx', 'Accepted', 'StopTimer A, ArmTimer M, Pass', 'MUST NOT generate an ACK (RFC 6026 §8.4)'],
  ['Calling', '300-699', 'Completed', 'StopTimer A, ArmTimer D, SendAck, Pass', 'MUST generate an ACK (RFC 6026 §8.4)'],
  ['Calling', 'Timer A', 'Calling', 'ResetTimer A, SendRequest', 'MUST retransmit (§17.1.1.2)'],
  ['Calling', 'Timer B', 'Terminated', 'InformTimeout', 'SHOULD inform the TU of the timeout (§17.1.1.2)'],
  ['Calling', 'transport error', 'Terminated', 'InformTransportError', 'SHOULD inform the TU (§17.1.4)'],
  ['Proceeding', '1xx', 'Proceeding', 'Pass', 'any further provisional response MUST be passed up (§17.1.1.2)'],
  ['Proceeding', '2xx', 'Accepted', 'ArmTimer M, Pass', 'MUST go to Accepted (RFC 6026 §8.4)'],
  ['Proceeding', '300-699', 'Completed', 'ArmTimer D, SendAck, Pass', 'MUST generate an ACK (RFC 6026 §8.4)'],
  ['Proceeding', 'CANCEL', 'Proceeding', 'ArmTimer Cancelled', 'no final response in 64*T1 counts as cancelled (§9.1)'],
  ['Proceeding', 'Timer Cancelled', 'Terminated', 'InformTimeout', 'MAY destroy the transaction (§9.1)'],
  ['Proceeding', 'transport error', 'Terminated', 'InformTransportError', 'SHOULD inform the TU (§17.1.4)'],
  [
    'Completed',
    '300-699',
    'Completed',
    'SendAck',
    'MUST re-pass the ACK, MUST NOT pass up the response (RFC 6026 §8.4)',
  ],
  ['Completed', 'Timer D', 'Terminated', '', 'MUST move to Terminated (RFC 6026 §8.4)'],
  ['Completed', 'transport error', 'Terminated', 'InformTransportError', 'inform TU (RFC 6026 Figure 5)'],
  ['Accepted', '2xx', 'Accepted', 'Pass', 'MUST be passed up, no ACK (RFC 6026 §8.4)'],
  ['Accepted', 'Timer M', 'Terminated', '', 'MUST move to Terminated (RFC 6026 §8.4)'],
]);

holds(nonInviteClientMachine, [
  ['Trying', '1xx', 'Proceeding', 'Pass', 'MUST be passed to the TU (§17.1.2.2)'],
  ['Trying', '200-699', 'Completed', 'StopTimer E, ArmTimer K, Pass', 'MUST be passed to the TU (§17.1.2.2)'],
  ['Trying', 'Timer E', 'Trying', 'ResetTimer E, SendRequest', 'reset to MIN(2*E, T2) and retransmit (§17.1.2.2)'],
  ['Trying', 'Timer F', 'Terminated', 'InformTimeout', 'SHOULD inform the TU (§17.1.2.2)'],
  ['Trying', 'transport error', 'Terminated', 'InformTransportError', 'SHOULD inform the TU (§17.1.4)'],
  ['Proceeding', '1xx', 'Proceeding', 'Pass', 'stays (§17.1.2.2, Figure 6)'],
  ['Proceeding', '200-699', 'Completed', 'StopTimer E, ArmTimer K, Pass', 'MUST be passed to the TU (§17.1.2.2)'],
  [
    'Proceeding',
    'Timer E',
    'Proceeding',
    'ResetTimer E, SendRequest',
    'MUST be retransmitted, E reset to T2 (§17.1.2.2)',
  ],
  ['Proceeding', 'Timer F', 'Terminated', 'InformTimeout', 'MUST inform the TU (§17.1.2.2)'],
  ['Proceeding', 'transport error', 'Terminated', 'InformTransportError', 'SHOULD inform the TU (§17.1.4)'],
  ['Completed', 'Timer K', 'Terminated', '', 'MUST go to Terminated (§17.1.2.2)'],
]);

holds(inviteServerMachine, [
  [
    'Proceeding',
    'INVITE',
    'Proceeding',
    'RepeatResponse',
    'the most recent provisional response MUST be sent (§17.2.1)',
  ],
  ['Proceeding', 'user 1xx', 'Proceeding', 'StopTimer Provisional, SendResponse', 'MUST be passed on (§17.2.1)'],
  ['Proceeding', 'user 2xx', 'Accepted', 'ArmTimer L, SendResponse', 'MUST go to Accepted (RFC 6026 §8.5)'],
  ['Proceeding', 'user 300-699', 'Completed', 'ArmTimer H, ArmTimer G, SendResponse', 'MUST enter Completed (§17.2.1)'],
  [
    'Proceeding',
    'Timer Provisional',
    'Proceeding',
    'SendTrying',
    'MUST generate a 100 unless the TU answers in 200 ms',
  ],
  ['Proceeding', 'transport error', 'Proceeding', 'InformTransportError', 'MUST remain (RFC 6026 §8.8)'],
  ['Completed', 'INVITE', 'Completed', 'RepeatResponse', 'SHOULD pass the response on (§17.2.1)'],
  ['Completed', 'ACK', 'Confirmed', 'StopTimer G, ArmTimer I', 'MUST go to Confirmed (§17.2.1)'],
  ['Completed', 'Timer G', 'Completed', 'ResetTimer G, RepeatResponse', 'the response is retransmitted (§17.2.1)'],
  ['Completed', 'Timer H', 'Terminated', 'InformTimeout', 'MUST tell the TU that there was no ACK (§17.2.1)'],
  ['Completed', 'transport error', 'Completed', 'InformTransportError', 'MUST remain (RFC 6026 §8.8)'],
  ['Confirmed', 'Timer I', 'Terminated', '', 'MUST go to Terminated (§17.2.1)'],
  ['Accepted', 'INVITE', 'Accepted', '', 'absorbed, nothing sent (RFC 6026 §8.7)'],
  ['Accepted', 'ACK', 'Accepted', 'Pass', 'MUST be passed up (RFC 6026 §8.7)'],
  ['Accepted', 'user 2xx', 'Accepted', 'SendResponse', 'MUST be passed on (RFC 6026 §8.7)'],
  ['Accepted', 'Timer L', 'Terminated', '', 'MUST go to Terminated (RFC 6026 §8.7)'],
  ['Accepted', 'transport error', 'Accepted', 'InformTransportError', 'MUST remain (RFC 6026 §8.8)'],
]);

holds(nonInviteServerMachine, [
  [
    'Trying',
    'user 100',
    'Proceeding',
    'ArmTimer Abandon, SendResponse',
    'MAY over reliable transports (RFC 4320 §4.1)',
  ],
  ['Trying', 'user 200-699', 'Completed', 'ArmTimer J, SendResponse', 'MUST enter Completed (§17.2.2)'],
  ['Trying', 'Timer Trying', 'Proceeding', 'ArmTimer Abandon, SendTrying', 'MUST send 100 by then (RFC 4320 §4.1)'],
  ['Trying', 'transport error', 'Trying', 'InformTransportError', 'MUST remain (RFC 6026 §8.8)'],
  ['Proceeding', 'request', 'Proceeding', 'RepeatResponse', 'the provisional response MUST be sent again (§17.2.2)'],
  ['Proceeding', 'user 200-699', 'Completed', 'ArmTimer J, SendResponse', 'MUST enter Completed (§17.2.2)'],
  ['Proceeding', 'Timer Abandon', 'Terminated', 'InformTimeout', 'no final response at all (RFC 4320 §4.2)'],
  ['Proceeding', 'transport error', 'Proceeding', 'InformTransportError', 'MUST remain (RFC 6026 §8.8)'],
  ['Completed', 'request', 'Completed', 'RepeatResponse', 'the final response MUST be sent again (§17.2.2)'],
  ['Completed', 'Timer J', 'Terminated', '', 'MUST go to Terminated (§17.2.2)'],
  ['Completed', 'transport error', 'Completed', 'InformTransportError', 'MUST remain (RFC 6026 §8.8)'],
]);
