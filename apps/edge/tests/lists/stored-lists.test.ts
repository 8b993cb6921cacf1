import { groupSubject, rpc } from '@parley/contracts';
import type { lists } from '@parley/contracts';
import { decodeUtf8, unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { eventually } from '@parley/testing';
import { readRaw } from '@parley/sip';
import type { SipRequest, SipResponse } from '@parley/sip';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listFields, listPart, multipart, textPart } from '../support/list-body.ts';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

let edge: TestEdge;
let alice: Phone;
let bob: Phone;
let carol: Phone;

beforeAll(async () => {
  edge = await startTestEdge();
  alice = await Phone.tcp(edge.port, 'alice');
  bob = await Phone.tcp(edge.port, 'bob');
  carol = await Phone.tcp(edge.port, 'carol');
  for (const phone of [alice, bob, carol]) expect((await phone.register()).statusCode).toBe(200);
});
afterAll(async () => {
  for (const phone of [alice, bob, carol]) await phone[Symbol.asyncDispose]();
  await edge[Symbol.asyncDispose]();
});

type Command = NonNullable<lists.ListsCommand['command']>;

async function ask(command: Command): Promise<lists.ListsReply['outcome']> {
  const deadline = systemClock.now() + 30_000;
  const subject = groupSubject('edge', 'lists');
  return unwrap(await edge.bus.request(subject, rpc.lists, { commandId: 'c', command }, { deadline })).outcome;
}

const usual = { displayName: '', owner: '', senders: 'members', hideMembers: true };

async function make(name: string, members: readonly string[], more: Partial<lists.PutList> = {}): Promise<void> {
  const outcome = await ask({ kind: 'create', value: { ...usual, ...more, name, members } });
  expect(outcome?.kind).toBe('list');
}

async function refusalOf(command: Command): Promise<number | undefined> {
  const outcome = await ask(command);
  return outcome?.kind === 'refusal' ? outcome.value.status : undefined;
}

async function taken(phone: Phone): Promise<SipRequest> {
  const request = await phone.incoming();
  phone.answer(request, 200);
  return request;
}

/** What became of the message that was answered so. */
async function outcomesOf(response: SipResponse): Promise<Readonly<Record<string, number>>> {
  const id = /tag=(.*)$/.exec(readRaw(response, 'To') ?? '')?.[1] ?? '';
  return await eventually(async () => {
    const outcome = await ask({ kind: 'message', value: { id } });
    if (outcome?.kind !== 'message' || !outcome.value.done) throw new Error('not done yet');
    return Object.fromEntries(outcome.value.recipients.map(({ uri, status }) => [uri, status]));
  });
}

describe('a stored list', () => {
  it('has an address; what is sent there goes to its members', async () => {
    await make('friends', ['alice', 'bob', 'sip:carol@localhost']);
    expect((await alice.message('sip:friends@localhost', 'hello friends')).statusCode).toBe(202);
    for (const phone of [alice, bob, carol]) {
      const copy = await taken(phone);
      expect(readRaw(copy, 'From')).toContain('sip:alice@localhost');
      expect(decodeUtf8(copy.body)).toContain('hello friends');
    }
  });

  it('shows its own address alone where it hides its members, so that an answer to all goes to it', async () => {
    await make('secret', ['alice', 'bob']);
    await alice.message('sip:secret@localhost', 'psst');
    const copy = decodeUtf8((await taken(bob)).body);
    expect(copy).toContain('<entry uri="sip:secret@localhost" cp:copyControl="to"/>');
    expect(copy).not.toContain('sip:alice@localhost');
    await taken(alice);
  });

  it('shows its members else', async () => {
    await make('open', ['alice', 'bob'], { hideMembers: false });
    await alice.message('sip:open@localhost', 'all of us');
    const copy = decodeUtf8((await taken(bob)).body);
    expect(copy).toContain('<entry uri="sip:alice@localhost" cp:copyControl="to"/>');
    expect(copy).toContain('<entry uri="sip:bob@localhost" cp:copyControl="to"/>');
    await taken(alice);
  });

  it('is open to those who may send', async () => {
    await make('bosses', ['bob'], { owner: 'alice', senders: 'owner' });
    await make('news', ['bob'], { senders: 'anyone' });
    await make('club', ['bob']);
    const status = async (from: Phone, list: string): Promise<number> =>
      (await from.message(`sip:${list}@localhost`, list)).statusCode;
    expect(await status(alice, 'bosses')).toBe(202);
    expect(await status(bob, 'bosses')).toBe(403);
    expect(await status(carol, 'news')).toBe(202);
    expect(await status(carol, 'club')).toBe(403);
    expect(await status(bob, 'club')).toBe(202);
    for (const text of ['bosses', 'news', 'club']) expect(decodeUtf8((await taken(bob)).body)).toContain(text);
  });

  it('may be on another list, and a loop of lists is broken', async () => {
    await make('inner', ['bob', 'sip:outer@localhost'], { senders: 'anyone' });
    await make('outer', ['sip:inner@localhost', 'bob', 'alice'], { senders: 'anyone' });
    const response = await alice.message('sip:outer@localhost', 'round');
    expect(response.statusCode).toBe(202);
    await Promise.all([taken(bob), taken(alice)]);
    expect(await outcomesOf(response)).toEqual({
      'sip:bob@localhost': 200,
      'sip:alice@localhost': 200,
      'sip:outer@localhost': 482,
    });
  });

  it('may be a recipient of a message with a list of its own, once more the sender may send there', async () => {
    await make('crew', ['bob', 'carol'], { senders: 'anyone' });
    await make('board', ['carol'], { senders: 'owner' });
    const entries = [
      ['sip:crew@localhost', 'to'],
      ['sip:board@localhost', 'to'],
      ['sip:bob@localhost', 'cc'],
      ['sip:list@localhost', 'to'],
      ['sip:lobby@chat.localhost'],
      ['http://localhost/'],
      ['sip:nobody@localhost'],
    ] as const;
    const body = multipart([textPart('both'), listPart(entries)]);
    const response = await alice.request('MESSAGE', 'sip:list@localhost', { fields: listFields, body });
    expect(response.statusCode).toBe(202);
    const [copy] = await Promise.all([taken(bob), taken(carol)]);
    expect(decodeUtf8(copy.body)).toContain('<entry uri="sip:crew@localhost" cp:copyControl="to"/>');
    expect(await outcomesOf(response)).toEqual({
      'sip:bob@localhost': 200,
      'sip:carol@localhost': 200,
      'sip:board@localhost': 403,
      'sip:list@localhost': 482,
      'sip:lobby@chat.localhost': 403,
      'http://localhost/': 416,
      'sip:nobody@localhost': 404,
    });
  });

  it('is a user agent server: OPTIONS, 401, and 420 for a list in its messages', async () => {
    await make('uas', ['bob']);
    expect((await alice.ask('OPTIONS', 'sip:uas@localhost')).statusCode).toBe(200);
    expect((await alice.ask('MESSAGE', 'sip:uas@localhost', { body: 'x' })).statusCode).toBe(401);
    const body = multipart([textPart('x'), listPart([['sip:bob@localhost']])]);
    expect((await alice.request('MESSAGE', 'sip:uas@localhost', { fields: listFields, body })).statusCode).toBe(420);
  });
});

describe('who keeps the lists', () => {
  it('refuses a name that an account has, or a list, and accounts the name of a list', async () => {
    const value = { ...usual, name: 'bob', members: [] };
    expect(await refusalOf({ kind: 'create', value })).toBe(409);
    await make('taken', []);
    expect(await refusalOf({ kind: 'create', value: { ...value, name: 'taken' } })).toBe(409);
    expect(await refusalOf({ kind: 'create', value: { ...value, name: 'list' } })).toBe(400);
    const account = { name: 'taken', password: 'secret', displayName: '', tel: '' };
    const deadline = systemClock.now() + 30_000;
    const command = { commandId: 'c', command: { kind: 'create', value: account } } as const;
    const reply = unwrap(await edge.bus.request(groupSubject('edge', 'accounts'), rpc.accounts, command, { deadline }));
    expect(reply.outcome).toMatchObject({ kind: 'refusal', value: { status: 409 } });
  });

  it('refuses members that are no addresses, owners that do not exist, and too many members', async () => {
    const value = { ...usual, name: 'strict', members: ['not an address'] };
    expect(await refusalOf({ kind: 'create', value })).toBe(400);
    expect(await refusalOf({ kind: 'create', value: { ...value, members: [], owner: 'nobody' } })).toBe(400);
    expect(await refusalOf({ kind: 'create', value: { ...value, members: [], senders: 'some' } })).toBe(400);
    const many = Array.from({ length: 10_001 }, (_, i) => `user${i}`);
    expect(await refusalOf({ kind: 'create', value: { ...value, members: many } })).toBe(400);
  });

  it('changes and removes them', async () => {
    await make('team', ['alice', 'bob']);
    const changed = await ask({ kind: 'changeMembers', value: { name: 'team', add: ['carol'], remove: ['alice'] } });
    expect(changed).toMatchObject({ kind: 'list', value: { members: ['sip:bob@localhost', 'sip:carol@localhost'] } });
    const replaced = await ask({
      kind: 'replace',
      value: { ...usual, name: 'team', members: ['dora'], hideMembers: false },
    });
    expect(replaced).toMatchObject({ kind: 'list', value: { members: ['sip:dora@localhost'], hideMembers: false } });
    expect(await ask({ kind: 'show', value: { name: 'team' } })).toEqual(replaced);
    expect((await ask({ kind: 'remove', value: { name: 'team' } }))?.kind).toBe('done');
    expect(await refusalOf({ kind: 'show', value: { name: 'team' } })).toBe(404);
    expect(await refusalOf({ kind: 'replace', value: { ...usual, name: 'team', members: [] } })).toBe(404);
    expect((await alice.message('sip:team@localhost')).statusCode).toBe(404);
  });

  it('knows what became of no message but those to lists', async () => {
    expect(await refusalOf({ kind: 'message', value: { id: 'unknown' } })).toBe(404);
  });

  it('counts messages and copies', async () => {
    const text = await edge.metrics.registry.metrics();
    expect(text).toMatch(/parley_list_messages_total\{.*outcome="accepted".*\} \d+/);
    expect(text).toMatch(/parley_list_copies_total\{.*outcome="delivered".*\} \d+/);
  });
});
