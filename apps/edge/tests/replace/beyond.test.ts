import { groupSubject, rpc } from '@parley/contracts';
import type { lists } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { readRaw } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpimBody } from '../support/cpim.ts';
import { ForeignServer } from '../support/foreign-server.ts';
import { listFields, listPart, multipart } from '../support/list-body.ts';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';
import { able, bodyOf, device, take } from './scene.ts';

let edge: TestEdge;
let alice: Phone;
let peer: ForeignServer;

beforeAll(async () => {
  peer = await ForeignServer.start();
  const peers = `peer.example=sip:127.0.0.1:${peer.port};transport=udp`;
  edge = await startTestEdge({
    env: { PARLEY_PEERS: peers, PARLEY_FEDERATION: 'peers', PARLEY_LIST_CONSENT: 'anyone' },
  });
  alice = await Phone.tcp(edge.port, 'alice');
});
afterAll(async () => {
  await alice[Symbol.asyncDispose]();
  await edge[Symbol.asyncDispose]();
  await peer[Symbol.asyncDispose]();
});

describe('A recall that leaves the domain (docs/specs/replace-message.md §6)', () => {
  it.each([
    ['action=recall', 'replace-message'],
    ['action=replace', undefined],
  ])('demands that it is understood: %s', async (action, demanded) => {
    const asked = alice.message('sip:zoe@peer.example', '', [`Replaces-Message: m1;${action}`]);
    const { request, answer } = await peer.request();
    expect(readRaw(request, 'Require')).toBe(demanded);
    expect(readRaw(request, 'Replaces-Message')).toBe(`m1;${action}`);
    answer(420, ['Unsupported: replace-message']);
    expect((await asked).statusCode).toBe(420);
  });
});

describe('An amendment of a message to a list (docs/specs/replace-message.md §9)', () => {
  const everybody = listPart([['sip:bob@localhost'], ['sip:carol@localhost'], ['sip:zoe@peer.example']]);
  const send = (text: string, id: string, ...fields: readonly string[]): Promise<SipResponse> => {
    const message = [['Content-Type: message/cpim'], cpimBody(text, { id })] as const;
    const body = multipart([message, everybody]);
    return alice.request('MESSAGE', 'sip:list@localhost', { body, fields: [...listFields, ...fields] });
  };
  /** What became of a message for each recipient, once all have an outcome. */
  const outcomes = async (accepted: SipResponse): Promise<readonly number[]> => {
    const id = /tag=(.+)$/.exec(readRaw(accepted, 'To') ?? '')?.[1] ?? '';
    const command: lists.ListsCommand = { commandId: 'c', command: { kind: 'message', value: { id } } };
    return await eventually(async () => {
      const deadline = systemClock.now() + 2_000;
      const reply = unwrap(await edge.bus.request(groupSubject('edge', 'lists'), rpc.lists, command, { deadline }));
      if (reply.outcome?.kind !== 'message' || !reply.outcome.value.done) throw new Error('not done yet');
      return reply.outcome.value.recipients.map(({ status }) => status);
    });
  };
  const foreign = async (status: number): Promise<string | undefined> => {
    const { request, answer } = await peer.request();
    answer(status);
    return readRaw(request, 'Replaces-Message');
  };

  it('reaches each recipient’s copy, delivered or stored, and says for each what became of it', async () => {
    await using bob = await Phone.tcp(edge.port, 'bob');
    await bob.register(device(bob, 'desk'), able);
    const original = await send('one', 'm1');
    expect([await foreign(200), bodyOf(await take(bob)).includes('\r\none')]).toEqual([undefined, true]);
    expect(await outcomes(original)).toEqual([200, 202, 200]);

    const replaced = await send('ONE', 'm2', 'Replaces-Message: m1');
    expect([await foreign(200), readRaw(await take(bob), 'Replaces-Message')]).toEqual(['m1', 'm1']);
    expect(await outcomes(replaced)).toEqual([200, 202, 200]);

    const recalled = await send('', 'm3', 'Replaces-Message: m2;action=recall', 'Require: replace-message');
    expect([await foreign(420), readRaw(await take(bob, 481), 'Replaces-Message')]).toEqual([
      'm2;action=recall',
      'm2;action=recall',
    ]);
    expect(await outcomes(recalled)).toEqual([481, 200, 420]);
    await using carol = await Phone.tcp(edge.port, 'carol');
    await carol.register();
    const last = alice.message('sip:carol@localhost', 'only this');
    expect(bodyOf(await take(carol))).toBe('only this');
    expect([200, 202]).toContain((await last).statusCode);
  });

  it('is answered 488 when it names the Call-ID, which no copy has', async () => {
    expect((await send('x', 'm4', 'Replaces-Message: "c1"')).statusCode).toBe(488);
  });
});
