import { createMemoryBroker } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import { parseSipMessage } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { AmendmentDesk } from '../../../src/actors/amendments/amendment-desk.ts';
import { DateText } from '../../../src/actors/date-text.ts';
import { flowFrom } from '../../support/flow.ts';

const message = unwrap(
  parseSipMessage(
    Buffer.from(
      [
        'MESSAGE sip:bob@localhost SIP/2.0',
        'Via: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKa',
        'From: <sip:alice@localhost>;tag=a',
        'To: <sip:bob@localhost>',
        'Call-ID: c2',
        'CSeq: 1 MESSAGE',
        'Replaces-Message: m1',
        'Content-Type: text/plain',
        '',
        'new',
      ].join('\r\n'),
    ),
  ),
);

describe('a message that replaces another', () => {
  it('is answered 500 when it brings out a fault, which ends nothing else (RFC 3261 §21.5.1)', async () => {
    if (message.kind !== 'request') throw new Error('expected a request');
    const transaction: ServerTransaction = {
      request: message,
      flow: flowFrom('127.0.0.1', 5060),
      state: 'Trying',
      lastResponse: undefined,
    };
    const { promise, resolve } = Promise.withResolvers<number>();
    const faults: unknown[] = [];
    const clock = new SimulatedClock();
    const desk = new AmendmentDesk({
      bus: createMemoryBroker({ clock }).connect(),
      clock,
      realm: 'localhost',
      date: new DateText(clock),
      events: { fault: (_method, error) => faults.push(error) },
      responder: {
        reply: (_transaction, status) => {
          resolve(status);
        },
        refuse: () => {},
      },
      devices: { remembered: () => [], supports: () => false },
      mailboxDesk: {
        copyable: () => {
          throw new Error('a fault');
        },
      },
      messages: { post: () => {} },
      hooks: { contentFor: () => undefined, instead: () => undefined, became: () => undefined },
      senderOf: () => undefined,
    });
    desk.take(transaction, message, { account: 'bob', live: [], isDevice: false }, true);
    expect(await promise).toBe(500);
    expect(faults).toHaveLength(1);
    expect(desk.size).toBe(0);
  });
});
