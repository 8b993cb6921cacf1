import { createMemoryBroker } from '@parley/bus';
import type { history, msrpSwitch } from '@parley/contracts';
import { groupSubject, rpc } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { composing, saying } from './support/amending.ts';
import { House, openPolicy, room, uriOf } from './support/house.ts';
import type { HeadParts, Peer } from './support/peer.ts';

const type = 'application/im-iscomposing+xml';
const consent = { acceptWrappedTypes: ['text/plain', type] };
const kept = { hub: { ...openPolicy, history: 100 } };

describe('Is-composing in a room (RFC 3994, REQ-COMP-1 to REQ-COMP-15)', () => {
  let house: House;
  let alice: Peer & { session: string };
  let bob: Peer & { session: string };
  const types = (peer: Peer, name: string, state: 'active' | 'idle', parts: HeadParts = {}, to = room) =>
    peer.say(saying(uriOf(name), composing(state), { type }, to), parts);
  const says = (peer: Peer, name: string, text: string) => peer.say(saying(uriOf(name), text));

  beforeEach(async () => {
    house = await House.open();
    alice = await house.join('alice', { ...kept, ...consent });
    bob = await house.join('bob', { ...kept, ...consent });
  });
  afterEach(() => house[Symbol.asyncDispose]());

  it.each([
    ['names text/plain alone', { acceptWrappedTypes: ['text/plain'] }],
    ['names the wrapper and nothing in it', { acceptTypes: ['message/cpim'], acceptWrappedTypes: [] }],
  ])('MUST NOT be sent to who %s (REQ-COMP-2)', async (_, terms: Partial<msrpSwitch.OpenSession>) => {
    const deaf = await house.join('deaf', { ...kept, ...terms });
    expect(await types(alice, 'alice', 'active')).toBe(200);
    await says(alice, 'alice', 'hello');
    expect((await deaf.heard(1)).body).toContain('hello');
    expect((await bob.heard(1)).body).toContain('<state>active</state>');
  });

  it.each([
    ['* in accept-wrapped-types', { acceptWrappedTypes: ['*'] }],
    ['* in accept-types', { acceptTypes: ['*'], acceptWrappedTypes: [] }],
    ['its type in accept-types', { acceptTypes: ['message/cpim', type], acceptWrappedTypes: [] }],
  ])('goes to who says %s', async (_, terms: Partial<msrpSwitch.OpenSession>) => {
    const able = await house.join('able', { ...kept, ...terms });
    await types(alice, 'alice', 'active');
    expect((await able.heard(1)).body).toContain('isComposing');
  });

  it('goes one way where only one side takes it (REQ-COMP-3), octet by octet as it came (REQ-COMP-9)', async () => {
    const deaf = await house.join('deaf', { ...kept, acceptWrappedTypes: ['text/plain'] });
    const indicator = saying(uriOf('deaf'), composing('active', '<contenttype>audio/basic</contenttype>'), { type });
    await deaf.say(indicator);
    expect((await bob.heard(1)).body).toBe(indicator);
  });

  it('is switched on and off in the middle of a session (REQ-COMP-4)', async () => {
    const change = (acceptWrappedTypes: string[]) =>
      house.command({
        kind: 'change',
        value: { session: bob.session, terms: house.openCommand('bob', { ...kept, acceptWrappedTypes, peerPath: [] }) },
      });
    await change(['text/plain']);
    await types(alice, 'alice', 'active');
    await change(['text/plain', type]);
    await types(alice, 'alice', 'idle');
    expect((await bob.heard(1)).body).toContain('<state>idle</state>');
  });

  it('ends at the others though its sender has lost the voice meanwhile, and says nothing else of him', async () => {
    await types(alice, 'alice', 'active');
    await bob.heard(1);
    await house.command({ kind: 'updateHub', value: { hub: { ...openPolicy, moderated: true } } });
    expect(await types(alice, 'alice', 'active')).toBe(403);
    expect(await types(alice, 'alice', 'idle')).toBe(200);
    expect((await bob.heard(2)).body).toContain('<state>idle</state>');
    // The room shows nobody now: there is nothing to end.
    expect(await types(alice, 'alice', 'idle')).toBe(200);
    expect(await types(alice, 'bob', 'idle')).toBe(403);
    expect(bob.sends).toHaveLength(2);
  });

  it('comes in the order of what its sender says (REQ-COMP-8)', async () => {
    await types(alice, 'alice', 'active');
    await says(alice, 'alice', 'one');
    await types(alice, 'alice', 'active');
    await types(alice, 'alice', 'idle');
    await says(alice, 'alice', 'two');
    const heard = (await bob.heard(5), bob.sends.map(({ body }) => /active|idle|one|two/.exec(body)?.[0]));
    expect(heard).toEqual(['active', 'one', 'active', 'idle', 'two']);
  });

  it('is repeated to nobody while they show it', async () => {
    for (let key = 0; key < 20; key++) await types(alice, 'alice', 'active');
    await says(alice, 'alice', 'done');
    expect((await bob.heard(2)).body).toContain('done');
  });

  it('is reported on by the switch when that is asked for, passed on or not (REQ-COMP-14)', async () => {
    await types(alice, 'alice', 'active', { successReport: 'yes', messageId: 'indicator1' });
    await types(alice, 'alice', 'active', { successReport: 'yes', messageId: 'indicator2' });
    expect((await alice.reported(1)).request).toMatchObject({ messageId: 'indicator1', status: { code: 200 } });
    expect((await alice.reported(2)).request).toMatchObject({ messageId: 'indicator2', status: { code: 200 } });
  });

  it('to one goes to that one, whose report comes back', async () => {
    const carol = await house.join('carol', { ...kept, ...consent });
    await types(alice, 'alice', 'active', { successReport: 'yes', messageId: 'indicator3' }, uriOf('bob'));
    bob.report(await bob.heard(1), 200);
    expect((await alice.reported(1)).request).toMatchObject({ messageId: 'indicator3' });
    await carol.bind();
    expect(carol.sends).toHaveLength(0);
  });

  it('that is none is refused with 400, one that is too large with 413, that of a silent member with 403', async () => {
    expect(await alice.say(saying(uriOf('alice'), '<nonsense/>', { type }))).toBe(400);
    expect(await alice.say(saying(uriOf('alice'), composing('active', ' '.repeat(20_000)), { type }))).toBe(413);
    expect(await alice.say(saying(uriOf('bob'), composing('active'), { type }))).toBe(403);
    await house.command({ kind: 'updateHub', value: { hub: { ...openPolicy, moderated: true } } });
    expect(await types(alice, 'alice', 'active')).toBe(403);
  });

  it('is never kept', async () => {
    const broker = createMemoryBroker({ clock: systemClock });
    const bus = await Promise.resolve(broker.connect());
    const other = await House.open({ bus: () => broker.connect() });
    const carol = await other.join('carol', { ...kept, ...consent });
    await types(carol, 'carol', 'active');
    await says(carol, 'carol', 'hello');
    const command: history.HistoryCommand['command'] = {
      kind: 'read',
      value: { limit: 50, before: '', since: 0, kept: 100 },
    };
    const deadline = systemClock.now() + 30_000;
    const reply = await bus.request(
      groupSubject('msrp-switch', 'history'),
      rpc.history,
      { room, command },
      { deadline },
    );
    const { outcome } = unwrap(reply);
    expect(outcome?.kind === 'page' ? outcome.value.items.map(({ contentType }) => contentType) : []).toEqual([
      'text/plain',
    ]);
    await other[Symbol.asyncDispose]();
    await bus.drain();
  });
});
