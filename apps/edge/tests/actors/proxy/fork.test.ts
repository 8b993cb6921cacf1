import { createResponseTo, readRawAll, without, withRawField, withTop } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import type { ClientTransaction, ServerTransaction } from '@parley/sip-stack';
import { describe, expect, it } from 'vitest';
import type { BranchUser } from '../../../src/actors/proxy/branch-user.ts';
import { Fork } from '../../../src/actors/proxy/fork.ts';
import { withChallenges } from '../../../src/page-mode/merge-challenges.ts';
import { rawVia } from '../../../src/routing/raw-route.ts';
import { requestWith } from '../../support/messages.ts';

/** Devices by name: `[['a', 'b'], ['c']]` is a and b together, then c; `a1|a2` are two flows of one. */
function scene(method: 'INVITE' | 'MESSAGE', groups: readonly (readonly string[])[], silence: 480 | 504 = 480) {
  const request = requestWith(`${method} sip:bob@localhost`);
  const answered: number[] = [];
  const passed: SipResponse[] = [];
  const cancelled: string[] = [];
  const sent = new Map<string, BranchUser>();
  let ended = 0;
  let waits = 0;
  // Only the request of the transaction is looked at.
  const transaction = { request } as unknown as ServerTransaction;
  const plan = {
    silence,
    groups: groups.map((group) => group.map((flows) => flows.split('|') as [string, ...string[]])),
  };
  const fork = new Fork<string>(transaction, request, plan, {
    send: (_fork, target, user) => {
      sent.set(target, user);
      user.sent({ branch: target } as ClientTransaction);
    },
    made: (_fork, status) => createResponseTo(request, status),
    answer: (_fork, response) => {
      answered.push(response.statusCode);
      passed.push(response);
    },
    cancel: ({ branch }) => cancelled.push(branch),
    wait: () => waits++,
    ended: () => ended++,
  });
  fork.begin();
  const nobody = {} as ClientTransaction;
  const ours = 'SIP/2.0/UDP edge.example;branch=z9hG4bK1';
  const response = (status: number): SipResponse => withTop(createResponseTo(request, status), rawVia, ours);
  return {
    fork,
    answered,
    passed,
    cancelled,
    sent: () => [...sent.keys()],
    begins: (device: string, branch: string) => sent.get(device)?.sent({ branch } as ClientTransaction),
    ended: () => ended,
    waits: () => waits,
    response,
    says: (device: string, status: number) => {
      const user = sent.get(device);
      if (status < 200) user?.onProvisional(response(status), nobody);
      else user?.onFinal(response(status), nobody);
    },
    /** As a peer does that gives back our Via alone. */
    saysAlone: (device: string, status: number) => {
      sent.get(device)?.onFinal(withTop(without(createResponseTo(request, status), rawVia), rawVia, ours), nobody);
    },
    timesOut: (device: string) => sent.get(device)?.onTimeout(nobody),
    loses: (device: string) => sent.get(device)?.lose(480),
  };
}

describe('Response context (RFC 3261 §16.7)', () => {
  it('sends one final response to a MESSAGE, a 2xx at once', () => {
    const { says, answered, ended } = scene('MESSAGE', [['a', 'b', 'c']]);
    says('a', 486);
    expect(answered).toEqual([]);
    says('b', 200);
    expect(answered).toEqual([200]);
    says('c', 200);
    expect([answered, ended()]).toEqual([[200], 1]);
  });

  it('MUST forward every 2xx to an INVITE, repeated ones too, and cancels the other branches (steps 5, 10)', () => {
    const { says, answered, cancelled } = scene('INVITE', [['a', 'b', 'c']]);
    says('a', 200);
    says('b', 200);
    says('a', 200);
    expect(answered).toEqual([200, 200, 200]);
    expect(cancelled).toEqual(['b', 'c']);
  });

  it('cancels on a 6xx, and waits for the rest before it answers (step 5)', () => {
    const { says, answered, cancelled, sent } = scene('INVITE', [['a', 'b'], ['c']]);
    says('a', 603);
    expect([answered, cancelled]).toEqual([[], ['b']]);
    says('b', 487);
    expect([answered, sent()]).toEqual([[603], ['a', 'b']]);
  });

  it('answers what it has when its time is up, and nothing twice', () => {
    const { fork, says, answered } = scene('MESSAGE', [['a', 'b']]);
    says('a', 486);
    fork.deadline.expire();
    expect(answered).toEqual([486]);
    says('b', 200);
    expect(answered).toEqual([486]);
  });

  it('answers 480, of another domain 504, when nobody was reached; 408 to an INVITE that timed out (RFC 4320 §4.2)', () => {
    const message = scene('MESSAGE', [['a', 'b']]);
    message.timesOut('a');
    message.loses('b');
    expect(message.answered).toEqual([480]);
    const beyond = scene('MESSAGE', [['a']], 504);
    beyond.says('a', 408);
    expect(beyond.answered).toEqual([504]);
    const silent = scene('MESSAGE', [['a']], 504);
    silent.fork.deadline.expire();
    expect(silent.answered).toEqual([504]);
    const invite = scene('INVITE', [['a']]);
    invite.timesOut('a');
    expect(invite.answered).toEqual([408]);
  });

  it('SHOULD bring the challenges of all branches together in a 401 or 407 (step 7)', () => {
    const { response, says, answered } = scene('MESSAGE', [['a', 'b']]);
    const one = withRawField(response(401), 'WWW-Authenticate', 'Digest realm="one"');
    const two = withRawField(response(407), 'Proxy-Authenticate', 'Digest realm="two"');
    const merged = withChallenges(one, [one, two]);
    says('a', 401);
    says('b', 407);
    expect(answered).toEqual([401]);
    expect([
      merged.statusCode,
      readRawAll(merged, 'WWW-Authenticate'),
      readRawAll(merged, 'Proxy-Authenticate'),
    ]).toEqual([401, ['Digest realm="one"'], ['Digest realm="two"']]);
  });

  it('MUST NOT forward a response without a Via: its status goes back in one of ours, 502 for what it accepted (step 3)', () => {
    const refused = scene('INVITE', [['a']]);
    refused.saysAlone('a', 486);
    expect(refused.answered).toEqual([486]);
    expect(readRawAll(refused.passed[0] ?? refused.response(0), 'Via')).toHaveLength(1);
    const accepted = scene('INVITE', [['a']]);
    accepted.saysAlone('a', 200);
    accepted.saysAlone('a', 200);
    expect(accepted.answered).toEqual([502]);
  });

  it('cancels an INVITE when Timer C fires, and answers when its branches have (RFC 3261 §16.8)', () => {
    const { fork, says, answered, cancelled } = scene('INVITE', [['a']]);
    fork.deadline.expire();
    expect([answered, cancelled]).toEqual([[], ['a']]);
    says('a', 487);
    expect(answered).toEqual([487]);
  });

  it('starts Timer C anew with every provisional response but 100 (step 2)', () => {
    const { says, waits, answered } = scene('INVITE', [['a']]);
    says('a', 100);
    expect([waits(), answered]).toEqual([1, []]);
    says('a', 180);
    expect([waits(), answered]).toEqual([2, [180]]);
  });

  it('cancels a branch that begins after the CANCEL (RFC 3261 §9.2)', () => {
    const { fork, cancelled, begins } = scene('INVITE', [['a']]);
    fork.cancel();
    expect(cancelled).toEqual(['a']);
    begins('a', 'late');
    expect(cancelled).toEqual(['a', 'late']);
  });

  it('answers 487 a moment after the CANCEL for who said nothing and can be sent none yet (RFC 3261 §9.1, §16.10)', () => {
    const { fork, says, answered, ended } = scene('INVITE', [['silent', 'ringing']]);
    says('ringing', 180);
    fork.cancel();
    fork.deadline.expire();
    expect(answered).toEqual([180]);
    says('ringing', 487);
    expect([answered, ended()]).toEqual([[180, 487], 1]);
    const alone = scene('INVITE', [['silent']]);
    alone.fork.cancel();
    expect(alone.answered).toEqual([]);
    alone.fork.deadline.expire();
    expect([alone.answered, alone.ended()]).toEqual([[487], 1]);
  });

  it('waits no longer when a cancelled branch rings again, and passes a 2xx that comes after all (§16.7 (5))', () => {
    const { fork, says, waits, answered } = scene('INVITE', [['silent', 'ringing']]);
    says('ringing', 180);
    fork.cancel();
    const begun = waits();
    says('ringing', 180);
    expect(waits()).toBe(begun);
    fork.deadline.expire();
    says('ringing', 487);
    says('silent', 200);
    expect(answered).toEqual([180, 180, 487, 200]);
  });

  it('waits for nobody who was silent when a 6xx has settled it', () => {
    const { fork, says, answered } = scene('INVITE', [['a', 'silent']]);
    says('a', 603);
    expect(answered).toEqual([]);
    fork.deadline.expire();
    expect(answered).toEqual([603]);
  });
});

describe('Targets one after another (RFC 3261 §16.6)', () => {
  it('tries the next group when the one before has refused, and sends the best of all answers back', () => {
    const { says, answered, sent } = scene('INVITE', [['a', 'b'], ['c']]);
    says('a', 486);
    expect(sent()).toEqual(['a', 'b']);
    says('b', 404);
    expect([answered, sent()]).toEqual([[], ['a', 'b', 'c']]);
    says('c', 480);
    expect(answered).toEqual([486]);
  });

  it('tries nobody else once somebody has accepted, or the caller has given up', () => {
    const accepted = scene('INVITE', [['a'], ['b']]);
    accepted.says('a', 200);
    expect([accepted.answered, accepted.sent()]).toEqual([[200], ['a']]);
    const cancelled = scene('INVITE', [['a'], ['b']]);
    cancelled.fork.cancel();
    cancelled.says('a', 487);
    expect([cancelled.answered, cancelled.sent()]).toEqual([[487], ['a']]);
  });

  it('gives a group its time: an INVITE is cancelled before the next rings, any other request goes on', () => {
    const invite = scene('INVITE', [['a'], ['b']]);
    invite.fork.deadline.expire();
    expect([invite.cancelled, invite.sent()]).toEqual([['a'], ['a']]);
    invite.says('a', 487);
    expect(invite.sent()).toEqual(['a', 'b']);
    const message = scene('MESSAGE', [['a'], ['b']]);
    message.fork.deadline.expire();
    expect(message.sent()).toEqual(['a', 'b']);
    message.says('a', 200);
    expect(message.answered).toEqual([200]);
  });

  it('tries the flows of one device in turn where one fails, never together (RFC 5626 §7)', () => {
    const { says, loses, answered, sent } = scene('INVITE', [['a1|a2|a3']]);
    expect(sent()).toEqual(['a1']);
    says('a1', 430);
    expect(sent()).toEqual(['a1', 'a2']);
    loses('a2');
    expect(sent()).toEqual(['a1', 'a2', 'a3']);
    says('a3', 486);
    expect(answered).toEqual([486]);
  });
});
