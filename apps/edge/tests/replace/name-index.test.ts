import { unwrap } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { parseSipMessage } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { NameIndex } from '../../src/replace/name-index.ts';

function message(callId: string, cSeq: number, ...lines: readonly string[]): SipRequest {
  const text = [
    'MESSAGE sip:bob@localhost SIP/2.0',
    'From: <sip:alice@localhost>;tag=1',
    'To: <sip:bob@localhost>',
    `Call-ID: ${callId}`,
    `CSeq: ${cSeq} MESSAGE`,
    ...lines,
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
  const parsed = unwrap(parseSipMessage(Buffer.from(text), { codec: nodeBytes }));
  if (parsed.kind !== 'request') throw new Error('expected a request');
  return parsed;
}

function scene() {
  const state = { sweptTo: 0 };
  const index = new NameIndex({
    codec: nodeBytes,
    inflate: () => undefined,
    senderOf: () => 'user alice',
    isGone: (sequence) => sequence <= state.sweptTo,
  });
  const find = (reference: string): readonly number[] =>
    index.find({ by: 'call-id', reference, cSeq: undefined }, 'user alice').own;
  return { state, index, find };
}

describe('Names of the copies of a mailbox', () => {
  it('are forgotten with the copies, so that they take no more than about twice what the mailbox holds', () => {
    const { state, index, find } = scene();
    for (let sequence = 1; sequence <= 20_000; sequence++) {
      index.add(sequence, message(`c${sequence}`, 1));
      state.sweptTo = sequence - 100;
      expect(index.size).toBeLessThanOrEqual(1_124);
    }
    expect([find('c10'), find('c19990'), find('c20000')]).toEqual([[], [19_990], [20_000]]);
  });

  it('stay bounded where one copy is replaced again and again: the first and the last mean it', () => {
    const { index, find } = scene();
    index.add(7, message('first', 1));
    for (let i = 1; i <= 10_000; i++) index.add(7, message(`r${i}`, 1, 'Replaces-Message: "first"'));
    expect(index.size).toBeLessThan(2_048);
    expect([find('first'), find('r10000'), find('r1')]).toEqual([[7], [7], []]);
  });
});
