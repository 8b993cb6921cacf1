import { decodeUtf8 } from '@parley/prelude';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { enterByHand, names } from './support/room-member.ts';
import type { RoomMember } from './support/room-member.ts';

const room = 'sip:receipts@chat.localhost';
const takesAll = { lines: ['a=accept-wrapped-types:*'] };
const text = 'Content-Type: text/plain\n\n';

/** What a recipient says of a message. */
function delivered(id: string, recipient: string): string {
  return `Content-Type: message/imdn+xml
Content-Disposition: notification

<?xml version="1.0"?>
<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>${id}</message-id><datetime>2026-11-21T12:00:00Z</datetime>
<recipient-uri>${recipient}</recipient-uri><original-recipient-uri>${recipient}</original-recipient-uri>
<delivery-notification><status><delivered/></status></delivery-notification></imdn>`;
}

const asks = (id: string, what: string): readonly string[] => [
  ...names.imdn(id),
  `imdn.Disposition-Notification: ${what}`,
];

describe('Disposition notifications in a room (RFC 5438)', () => {
  const house = new AsyncDisposableStack();
  let parley: Installation;
  let alice: RoomMember, bob: RoomMember, carol: RoomMember;

  beforeAll(async () => {
    parley = house.use(await startParley());
    alice = house.use(await enterByHand(parley, 'alice', 'receipts', takesAll));
    bob = house.use(await enterByHand(parley, 'bob', 'receipts', takesAll));
    carol = house.use(await enterByHand(parley, 'carol', 'receipts', takesAll));
  });
  afterAll(() => house.disposeAsync());

  it('are relayed to the sender one by one, and to nobody else; not in the name of another', async () => {
    expect(await alice.says(room, asks('m1', 'positive-delivery'), `${text}hello`)).toBe('200');
    await bob.hears(/imdn\.Disposition-Notification: positive-delivery[^]*?hello/);
    expect(await bob.says(alice.uri, [], delivered('m1', bob.uri))).toBe('200');
    expect(await carol.says(room, [], delivered('m1', carol.uri))).toBe('200');
    await alice.hears(/From: <sip:bob@localhost>[^]*?<message-id>m1/);
    await alice.hears(/From: <sip:carol@localhost>[^]*?<message-id>m1/);
    const forged = delivered('m1', carol.uri);
    expect(await bob.says(alice.uri, ['From: <sip:carol@localhost>'], forged)).toBe('403');
    expect(bob.guest.wire.received).not.toContain('imdn+xml');
  });

  it('come as one summary where that was asked for, when all have answered (§8.3)', async () => {
    expect(await alice.says(room, asks('m2', 'positive-delivery;summary'), `${text}all?`)).toBe('200');
    await carol.hears(/all\?/);
    expect(await bob.says(alice.uri, [], delivered('m2', bob.uri))).toBe('200');
    expect(await carol.says(alice.uri, [], delivered('m2', carol.uri))).toBe('200');
    const summary = await eventually(() => {
      const found = alice.phone.messages.find(({ body }) => decodeUtf8(body).includes('<message-id>m2'));
      if (found === undefined) throw new Error('no summary yet');
      return decodeUtf8(found.body);
    });
    expect(summary).toContain(`From: <${room}>`);
    expect(summary).toContain('multipart/mixed');
    expect(summary).toContain(`<recipient-uri>${bob.uri}</recipient-uri>`);
    expect(summary).toContain(`<recipient-uri>${carol.uri}</recipient-uri>`);
    expect(alice.guest.wire.received).not.toContain('<message-id>m2');
  });

  it('reach a sender who has left, at any later time (REQ-DISNOT-3)', async () => {
    const gone = await enterByHand(parley, 'alice', 'receipts', takesAll);
    await alice.guest.call.bye();
    expect(await gone.says(room, asks('m3', 'positive-delivery'), `${text}bye`)).toBe('200');
    await bob.hears(/bye/);
    await gone[Symbol.asyncDispose]();
    await eventually(async () => {
      expect(await bob.says(alice.uri, [], delivered('m3', bob.uri))).toBe('200');
      expect(alice.phone.texts.join()).toContain('<message-id>m3');
    });
  });
});
