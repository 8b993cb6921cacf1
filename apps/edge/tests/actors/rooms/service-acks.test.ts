import { createResponseTo, withRawField } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import type { Flow } from '@parley/sip-stack';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { ServiceAcks } from '../../../src/actors/rooms/service-acks.ts';
import { requestWith } from '../../support/messages.ts';

const accepted = createResponseTo(requestWith('INVITE sip:bob@localhost'), 200, undefined, { toTag: 'f' });
const ack = withRawField(requestWith('ACK sip:bob@localhost'), 'To', '<sip:bob@localhost>;tag=f');
// The layer alone looks at a flow.
const flow = {} as Flow;

function scene() {
  const clock = new SimulatedClock();
  const sent: [SipRequest, Flow][] = [];
  return { clock, sent, acks: new ServiceAcks(clock, { sendAck: (...each) => void sent.push(each) }) };
}

describe('The ACK of a call that a service makes (RFC 3261 §13.2.2.4)', () => {
  it('MUST be sent again for each 2xx that comes again, over the same flow', () => {
    const { sent, acks } = scene();
    acks.send(ack, flow);
    acks.repeat(accepted);
    acks.repeat(accepted);
    expect(sent).toEqual([
      [ack, flow],
      [ack, flow],
      [ack, flow],
    ]);
  });

  it('is not sent for a 2xx of another dialog, nor before the service has sent it', () => {
    const { sent, acks } = scene();
    acks.repeat(accepted);
    acks.send(ack, flow);
    acks.repeat(createResponseTo(requestWith('INVITE sip:bob@localhost'), 200, undefined, { toTag: 'other' }));
    expect(sent).toHaveLength(1);
  });

  it('is forgotten after 64*T1, when nobody repeats a 2xx any more', () => {
    const { clock, sent, acks } = scene();
    acks.send(ack, flow);
    clock.advance(32_000);
    acks.repeat(accepted);
    expect([sent.length, clock.pending]).toEqual([1, 0]);
  });
});
