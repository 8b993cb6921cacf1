import type { ClientTransaction } from '@parley/sip-stack';
import { describe, expect, it } from 'vitest';
import { ForkBranch } from '../../../src/actors/proxy/fork-branch.ts';
import { HopUser } from '../../../src/actors/proxy/hop-user.ts';
import { createResponseTo } from '@parley/sip';
import { requestWith } from '../../support/messages.ts';

describe('The hops of a domain, one after the other (RFC 3263 §4.3)', () => {
  const client = {} as ClientTransaction;

  function scene() {
    const request = requestWith('INVITE sip:bob@example.net');
    const ended: number[] = [];
    let tried = 1;
    const branch = new ForkBranch<string>(
      {
        send: () => {},
        cancelClient: () => {},
        hear: () => {},
        repeat: () => {},
        lost: (status) => createResponseTo(request, status),
        take: ({ statusCode }) => ended.push(statusCode),
      },
      ['domain'],
    );
    branch.begin();
    const hop = new HopUser(branch, { note: () => {}, next: () => tried++ });
    return { branch, hop, ended, tried: () => tried };
  }

  it('tries the next one when the first says nothing', () => {
    const { hop, ended, tried } = scene();
    hop.onTimeout(client);
    expect([tried(), ended]).toEqual([2, []]);
  });

  it('rings at no further one once the call is cancelled (RFC 3261 §16.10)', () => {
    const { branch, hop, ended, tried } = scene();
    branch.cancel();
    hop.onTimeout(client);
    expect([tried(), ended]).toEqual([1, [408]]);
  });
});
