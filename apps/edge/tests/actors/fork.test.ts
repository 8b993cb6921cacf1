import { createResponseTo, readRawAll, withRawField } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import type { ClientTransaction, ServerTransaction } from '@parley/sip-stack';
import { describe, expect, it } from 'vitest';
import { Fork } from '../../src/actors/fork.ts';
import { withChallenges } from '../../src/page-mode/merge-challenges.ts';
import { requestWith } from '../support/messages.ts';

function scene(method: 'INVITE' | 'MESSAGE', branches: number) {
  const request = requestWith(`${method} sip:bob@localhost`);
  const answered: number[] = [];
  const cancelled: ClientTransaction[] = [];
  let ended = 0;
  // Only the request of the transaction is looked at.
  const transaction = { request } as unknown as ServerTransaction;
  const fork = new Fork(transaction, branches, {
    answer: (_fork, response) => answered.push(response.statusCode),
    cancel: (client) => cancelled.push(client),
    provisional: () => {},
    ended: () => ended++,
  });
  const clients = Array.from({ length: branches }, (_, i) => ({ branch: String(i) }) as ClientTransaction);
  for (const client of clients) fork.sent(client);
  const response = (status: number): SipResponse => createResponseTo(request, status);
  return { fork, response, answered, cancelled, ended: () => ended };
}

describe('Response context (RFC 3261 §16.7)', () => {
  it('sends one final response to a MESSAGE, a 2xx at once', () => {
    const { fork, response, answered, ended } = scene('MESSAGE', 3);
    fork.take(response(486));
    expect(answered).toEqual([]);
    fork.take(response(200));
    expect(answered).toEqual([200]);
    fork.take(response(200));
    expect([answered, ended()]).toEqual([[200], 1]);
  });

  it('MUST forward every 2xx to an INVITE, and cancels the other branches (steps 5, 10)', () => {
    const { fork, response, answered, cancelled } = scene('INVITE', 3);
    fork.take(response(200));
    fork.take(response(200));
    expect(answered).toEqual([200, 200]);
    expect(cancelled).toHaveLength(3);
  });

  it('cancels on a 6xx, and waits for the rest before it answers (step 5)', () => {
    const { fork, response, answered, cancelled } = scene('INVITE', 2);
    fork.take(response(603));
    expect([answered, cancelled.length]).toEqual([[], 2]);
    fork.take(response(487));
    expect(answered).toEqual([603]);
  });

  it('answers what it has when its time is up, and nothing twice', () => {
    const { fork, response, answered } = scene('MESSAGE', 2);
    fork.take(response(486));
    fork.deadline.expire();
    expect(answered).toEqual([486]);
    fork.take(response(200));
    expect(answered).toEqual([486]);
  });

  it('answers 480 when no device was reached, 408 to an INVITE that timed out (RFC 4320 §4.2)', () => {
    const message = scene('MESSAGE', 2);
    message.fork.onTimeout();
    message.fork.lose(480);
    expect(message.answered).toEqual([480]);
    const invite = scene('INVITE', 1);
    invite.fork.onTimeout();
    expect(invite.answered).toEqual([408]);
  });

  it('SHOULD bring the challenges of all branches together in a 401 or 407 (step 7)', () => {
    const { fork, response, answered } = scene('MESSAGE', 2);
    const one = withRawField(response(401), 'WWW-Authenticate', 'Digest realm="one"');
    const two = withRawField(response(407), 'Proxy-Authenticate', 'Digest realm="two"');
    const merged = withChallenges(one, [one, two]);
    fork.take(one);
    fork.take(two);
    expect(answered).toEqual([401]);
    expect([
      merged.statusCode,
      readRawAll(merged, 'WWW-Authenticate'),
      readRawAll(merged, 'Proxy-Authenticate'),
    ]).toEqual([401, ['Digest realm="one"'], ['Digest realm="two"']]);
  });

  it('cancels an INVITE when Timer C fires, and answers when its branches have (RFC 3261 §16.8)', () => {
    const { fork, response, answered, cancelled } = scene('INVITE', 1);
    fork.deadline.expire();
    expect([answered, cancelled.length]).toEqual([[], 1]);
    fork.take(response(487));
    expect(answered).toEqual([487]);
  });

  it('cancels a branch that begins after the CANCEL (RFC 3261 §9.2)', () => {
    const { fork, cancelled } = scene('INVITE', 1);
    fork.cancel();
    fork.sent({ branch: 'late' } as ClientTransaction);
    expect(cancelled.map(({ branch }) => branch)).toEqual(['0', 'late']);
  });
});
