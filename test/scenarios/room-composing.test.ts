import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { enterByHand } from './support/room-member.ts';
import type { RoomMember } from './support/room-member.ts';

const room = 'sip:typing@chat.localhost';
const consents = { lines: ['a=accept-wrapped-types:text/plain application/im-iscomposing+xml'] };
const text = 'Content-Type: text/plain\n\n';
const composing = (state: string): string => `Content-Type: application/im-iscomposing+xml

<?xml version="1.0"?>
<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>${state}</state></isComposing>`;

describe('Who is composing in a room (RFC 3994)', () => {
  const house = new AsyncDisposableStack();
  let parley: Installation;
  let alice: RoomMember, bob: RoomMember, deaf: RoomMember;

  beforeAll(async () => {
    parley = house.use(await startParley());
    alice = house.use(await enterByHand(parley, 'alice', 'typing', consents));
    bob = house.use(await enterByHand(parley, 'bob', 'typing', consents));
    deaf = house.use(await enterByHand(parley, 'carol', 'typing'));
  });
  afterAll(() => house.disposeAsync());

  it('is told to who consented and to nobody else, once, in the order of what is said (REQ-COMP-2, 8, 15)', async () => {
    for (let key = 0; key < 10; key++) expect(await alice.says(room, [], composing('active'))).toBe('200');
    expect(await alice.says(room, [], composing('idle'))).toBe('200');
    expect(await alice.says(room, [], `${text}there`)).toBe('200');
    await deaf.hears(/there/);
    await bob.hears(/<state>active<[^]*?<state>idle<[^]*?there/);
    expect(bob.guest.wire.received.match(/<state>active</g)).toHaveLength(1);
    expect(deaf.guest.wire.received).not.toContain('isComposing');
  });

  it('is in no history', async () => {
    const url = `http://127.0.0.1:${parley.ports.http}/api/v1/rooms/typing/history`;
    const items = await eventually(async () => {
      const response = await fetch(url, { headers: { authorization: `Bearer ${parley.token}` } });
      const page = (await response.json()) as { items: readonly { contentType: string }[] };
      expect(page.items).not.toHaveLength(0);
      return page.items;
    });
    expect(items.map(({ contentType }) => contentType)).toEqual(['text/plain']);
  });
});
