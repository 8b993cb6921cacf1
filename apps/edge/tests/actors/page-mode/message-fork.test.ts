import type { SipResponse } from '@parley/sip';
import { createResponseTo, field, readRawAll, without, withTop } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import { describe, expect, it } from 'vitest';
import { DeviceBranch } from '../../../src/actors/page-mode/device-branch.ts';
import { MessageFork } from '../../../src/actors/page-mode/message-fork.ts';
import type { MessageForkHost } from '../../../src/actors/page-mode/message-fork-host.ts';
import type { NewCopy, StoreOutcome } from '../../../src/actors/page-mode/new-copy.ts';
import type { Deadline } from '../../../src/actors/deadline-queue.ts';
import type { PostedMessage } from '../../../src/actors/page-mode/posted-message.ts';
import type { BranchUser } from '../../../src/actors/proxy/sender.ts';
import type { Binding } from '../../../src/registrar/binding.ts';
import { requestWith } from '../../support/messages.ts';

const request = requestWith('MESSAGE sip:bob@localhost');
const posted: PostedMessage = {
  came: request,
  forwarded: request,
  copyable: null,
  mark: '',
  isStored: false,
  followed: undefined,
};

/** A fork to some devices, and what it told its surroundings. */
function forkTo(devices: readonly string[], outcome: StoreOutcome | 'never' = { kind: 'stored', sequence: 7 }) {
  const told: string[] = [];
  const copies: NewCopy[] = [];
  const answers: SipResponse[] = [];
  const graces: Deadline[] = [];
  const host: MessageForkHost = {
    answer: (_fork, response) => {
      told.push(`answer ${response.statusCode}`);
      answers.push(response);
    },
    reply: (_fork, status) => told.push(`reply ${status}`),
    store: (_fork, copy) => {
      told.push(`store ${copy.devices.join('+')}${copy.rest > 1_000 ? ' under way' : ''}`);
      copies.push(copy);
      return outcome === 'never' ? undefined : Promise.resolve(outcome);
    },
    sendInstead: () => undefined,
    refused: (_fork, device) => told.push(`refused ${device}`),
    adapted: () => {},
    soon: (deadline) => graces.push(deadline),
    tookAfterAll: (_fork, device, sequence) => told.push(`took ${device} ${sequence}`),
    ended: () => told.push('ended'),
  };
  // Of a transaction the fork reads the request alone.
  const fork = new MessageFork({ request } as ServerTransaction, 'bob', posted, host);
  const branches = new Map<string, BranchUser>(
    devices.map((device) => [device, new DeviceBranch(fork, fork.to(device, 1), binding, undefined)]),
  );
  const respond = (device: string, status: number): void => {
    const response: SipResponse = withTop(createResponseTo(request, status), field.via, via);
    take(device, response);
  };
  const take = (device: string, response: SipResponse): void => branches.get(device)?.take(response);
  return { fork, told, copies, answers, respond, take, graces };
}

const via = { transport: 'UDP', host: '192.0.2.1', port: 5060, branch: 'z9hG4bKx', parameters: new Map() } as never;
// The fork passes it through.
const binding = {} as Binding;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('A message to several devices', () => {
  it('is answered by the first 2xx in the turn in which all have answered, without a word to the store', () => {
    const { fork, told, respond } = forkTo(['desk', 'mobile']);
    fork.begin(undefined);
    respond('desk', 200);
    expect(told).toEqual([]);
    respond('mobile', 486);
    expect(told).toEqual(['answer 200', 'ended']);
  });

  it('is stored for those that take longer than a moment before a 2xx goes back, as a crash must lose nothing it promised', async () => {
    const { fork, told, respond, graces } = forkTo(['desk', 'mobile']);
    fork.begin(undefined);
    respond('desk', 200);
    graces[0]?.expire();
    expect(told).toEqual(['store mobile under way']);
    await settled();
    expect(told.slice(1)).toEqual(['answer 200']);
    respond('mobile', 200);
    expect(told.slice(2)).toEqual(['took mobile 7', 'ended']);
  });

  it('is not answered 2xx while a copy cannot be stored: tried again for 8 s, then 503', async () => {
    const { fork, told, respond, graces } = forkTo(['desk', 'mobile'], { kind: 'failed', isLasting: false });
    fork.begin(undefined);
    respond('desk', 200);
    graces[0]?.expire();
    await settled();
    graces[1]?.expire();
    await settled();
    expect(told).toEqual(['store mobile under way', 'store mobile under way']);
    fork.deadline.expire();
    expect(told.slice(2)).toEqual(['reply 503']);
  });

  it('is answered 503 at once while the store has long been away, though a device took it: no copy is promised', async () => {
    const { fork, told, respond } = forkTo(['desk'], { kind: 'failed', isLasting: true });
    fork.begin(['mobile']);
    await settled();
    expect(told).toEqual(['store mobile']);
    respond('desk', 200);
    expect(told.slice(1)).toEqual(['reply 503', 'ended']);
  });

  it('is answered 2xx when the device that could not be stored for takes it after all', async () => {
    const { fork, told, respond, graces } = forkTo(['desk', 'mobile'], { kind: 'failed', isLasting: false });
    fork.begin(undefined);
    respond('desk', 200);
    graces[0]?.expire();
    await settled();
    respond('mobile', 200);
    graces[1]?.expire();
    expect(told).toEqual(['store mobile under way', 'answer 200', 'ended']);
  });

  it('goes back as a 2xx of ours when the device that took it gave back no Via (RFC 3261 §16.7 (3))', () => {
    const { fork, answers, take } = forkTo(['desk']);
    fork.begin(undefined);
    take('desk', without(createResponseTo(request, 200), field.via));
    expect(answers.map((response) => [response.statusCode, readRawAll(response, 'Via').length])).toEqual([[200, 1]]);
  });

  it('is answered 202 only when the store has acknowledged the copy', async () => {
    const { fork, told, respond } = forkTo(['desk']);
    fork.begin(undefined);
    respond('desk', 480);
    expect(told).toEqual(['store desk']);
    await settled();
    expect(told).toEqual(['store desk', 'reply 202', 'ended']);
  });

  it('gives back the 2xx, once the copies of others are stored, and 503 when only the store failed', async () => {
    const { fork, told, respond } = forkTo(['desk']);
    fork.begin(['mobile']);
    respond('desk', 200);
    expect(told).toEqual(['store mobile']);
    await settled();
    expect(told.slice(1)).toEqual(['answer 200', 'ended']);
    const failing = forkTo([], { kind: 'failed', isLasting: false });
    failing.fork.begin([]);
    await settled();
    expect(failing.told).toEqual(['store ', 'reply 503', 'ended']);
  });

  it('is stored after 8 s without a final response, and a later 2xx of the slow device removes its copy', async () => {
    const { fork, told, respond } = forkTo(['slow']);
    fork.begin(undefined);
    fork.deadline.expire();
    await settled();
    expect(told).toEqual(['store slow under way', 'reply 202']);
    respond('slow', 200);
    expect(told.slice(2)).toEqual(['took slow 7', 'ended']);
  });

  it('is lost with a copy only where no other device had it or was being tried', async () => {
    const { fork, copies, respond } = forkTo(['desk', 'laptop']);
    fork.begin(['mobile']);
    respond('desk', 480);
    respond('laptop', 480);
    await settled();
    expect(copies.map(({ devices, shared, others }) => ({ devices, shared, others }))).toEqual([
      { devices: ['mobile'], shared: true, others: [] },
      { devices: ['desk'], shared: true, others: ['mobile'] },
      { devices: ['laptop'], shared: false, others: ['mobile', 'desk'] },
    ]);
  });

  it('is told to be refused when the last that was tried does so, and no copy would tell of the loss', async () => {
    const { fork, told, respond } = forkTo(['desk']);
    fork.begin(['mobile']);
    respond('desk', 415);
    await settled();
    expect(told).toEqual(['store mobile', 'reply 202', 'refused desk', 'ended']);
  });

  it('is answered by the refusal of the only device, and 480 when it is none to keep', () => {
    const refused = forkTo(['desk']);
    refused.fork.begin(undefined);
    refused.respond('desk', 415);
    expect(refused.told).toEqual(['answer 415', 'ended']);
    const never = forkTo(['desk'], 'never');
    never.fork.begin(undefined);
    never.respond('desk', 408);
    expect(never.told).toContain('reply 480');
  });
});
