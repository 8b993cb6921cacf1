import { createResponseTo, withRawField } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { Acknowledgements } from '../../../src/actors/rooms/acknowledgements.ts';
import { requestWith } from '../../support/messages.ts';

const invite = requestWith('INVITE sip:lobby@chat.localhost');
const accepted = createResponseTo(invite, 200, undefined, { toTag: 'f' });
// Only the request of the transaction is looked at.
const transaction = { request: invite } as unknown as ServerTransaction;
const ack = requestWith('ACK sip:lobby@chat.localhost');

function scene() {
  const clock = new SimulatedClock();
  const sent: number[] = [];
  const unanswered: SipResponse[] = [];
  const acknowledgements = new Acknowledgements(
    clock,
    { send: () => sent.push(clock.now()) > 0 },
    (_request, response) => unanswered.push(response),
  );
  acknowledgements.expect(transaction, accepted);
  return { clock, sent, unanswered, acknowledgements };
}

describe('2xx to INVITE (RFC 3261 §13.3.1.4)', () => {
  it('MUST be sent again after T1, doubling up to T2, and given up after 64*T1', () => {
    const { clock, sent, unanswered, acknowledgements } = scene();
    clock.advance(40_000);
    expect(sent.slice(0, 6)).toEqual([500, 1500, 3500, 7500, 11_500, 15_500]);
    expect(sent.at(-1)).toBeLessThan(32_000);
    expect(unanswered).toEqual([accepted]);
    expect([acknowledgements.size, clock.pending]).toEqual([0, 0]);
  });

  it('is not sent again once the ACK is here', () => {
    const { clock, sent, unanswered, acknowledgements } = scene();
    clock.advance(600);
    acknowledgements.acknowledge(ack);
    expect(acknowledgements.size).toBe(1);
    acknowledgements.acknowledge(withRawField(ack, 'To', '<sip:bob@localhost>;tag=f'));
    clock.advance(40_000);
    expect([acknowledgements.size, sent, unanswered]).toEqual([0, [500], []]);
  });
});
