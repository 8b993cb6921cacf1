import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { enterByHand, names } from './support/room-member.ts';
import type { RoomMember } from './support/room-member.ts';

const room = 'sip:amended@chat.localhost';
const able = { chatroom: 'nickname private-messages replace-message' };
const text = 'Content-Type: text/plain\n\n';

describe('Messages that replace and recall others in a room (docs/specs/replace-message.md §9)', () => {
  const house = new AsyncDisposableStack();
  let parley: Installation;
  let alice: RoomMember, bob: RoomMember, plain: RoomMember;

  async function api(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${parley.ports.http}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${parley.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return await response.json();
  }

  beforeAll(async () => {
    parley = house.use(await startParley());
    await api('POST', '/rooms', { name: 'amended', history: 50, replay: 10 });
    alice = house.use(await enterByHand(parley, 'alice', 'amended', able));
    bob = house.use(await enterByHand(parley, 'bob', 'amended', able));
    plain = house.use(await enterByHand(parley, 'carol', 'amended'));
  });
  afterAll(() => house.disposeAsync());

  it('the room says that it takes them, in a=chatroom, to who says the same', () => {
    expect(alice.guest.answer).toMatch(/^a=chatroom:.*\breplace-message\b/m);
    expect(plain.guest.answer).not.toContain('replace-message');
  });

  it('a replacement reaches all who got the original, with its headers', async () => {
    expect(await alice.says(room, names.imdn('m1'), `${text}At seven.`)).toBe('200');
    await bob.hears(/At seven\./);
    const headers = [...names.imdn('m2'), ...names.replaces('m1')];
    expect(await alice.says(room, headers, `${text}At eight.`)).toBe('200');
    expect(await bob.hears(/imdn\.Message-ID: m2[^]*?At eight\./)).toContain('replace.Message-ID: m1');
    expect(await plain.hears(/imdn\.Message-ID: m2[^]*?At eight\./)).toContain('replace.Message-ID: m1');
  });

  it('only by who said it; a recall leaves a tombstone', async () => {
    const recall = (id: string, of: string) => [...names.imdn(id), ...names.replaces(of, 'recall')];
    expect(await alice.says(room, names.imdn('m3'), `${text}Oops.`)).toBe('200');
    expect(await bob.says(room, recall('b1', 'm3'), text)).toBe('403');
    expect(await alice.says(room, recall('m4', 'm3'), text)).toBe('200');
    for (const member of [bob, plain]) await member.hears(/replace\.Message-ID: m3[^]*?replace\.Action: recall/);
    expect(await alice.says(room, recall('m5', 'm3'), text)).toBe('404');
    expect(await api('GET', '/rooms/amended/history')).toMatchObject({
      items: [
        { messageId: 'm1', text: 'At eight.', replaced: true, recalled: false },
        { messageId: 'm3', text: '', replaced: false, recalled: true },
      ],
    });
  });

  it('who comes later gets the newest text and nothing that was recalled', async () => {
    await using late = await enterByHand(parley, 'bob', 'amended', able);
    expect(await late.hears(/At eight\./)).not.toContain('At seven.');
    expect(await alice.says(room, names.imdn('m6'), `${text}Bye.`)).toBe('200');
    await late.hears(/Bye\./);
    expect(late.guest.wire.received).not.toMatch(/Oops|At seven/);
  });
});
