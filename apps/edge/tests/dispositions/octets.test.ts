import { dateTimeAt } from '@parley/cpim';
import { nodeBytes } from '@parley/service';
import { createResponseTo, serialise } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { notificationRequest } from '../../src/dispositions/notification-request.ts';
import { toldOf } from '../../src/dispositions/told-fate.ts';
import type { MessageFate } from '../../src/mailbox/delivery-hooks.ts';
import { requestWith } from '../support/messages.ts';

/** Octets of the MESSAGE that tells of a fate, and of the CPIM in it; names of usual length. */
function octetsOf(fate: MessageFate): readonly [request: number, body: number] {
  const asked = {
    ...{ messageId: '34jk324j34jk324j', requests: [], recordRoutes: [], dateTime: dateTimeAt(0) },
    ...{ sender: { uri: 'sip:alice@example.com' }, recipient: { uri: 'sip:bob@example.com' } },
  };
  const parts = {
    from: 'sip:bob@example.com',
    to: 'sip:alice@example.com',
    now: 0,
    date: 'Thu, 01 Jan 1970 00:00:00 GMT',
  };
  const request = notificationRequest({ ...parts, asked, told: toldOf(fate), secret: Buffer.from('s') }, nodeBytes);
  return [serialise(request, nodeBytes).length, request.body.length];
}

const refused = createResponseTo(requestWith('MESSAGE sip:bob@example.com'), 415);

describe('a notification is small (REQ-DISNOT-9)', () => {
  // These figures stand in the README of the edge: whoever changes one changes the other.
  it.each([
    ['stored', { kind: 'stored' }, [882, 626]],
    ['delivered', { kind: 'adapted', device: '', sent: requestWith('MESSAGE sip:bob@example.com') }, [881, 625]],
    ['failed, with the reason', { kind: 'refused', device: '', answer: refused }, [1021, 765]],
  ] as const satisfies readonly (readonly [string, MessageFate, readonly [number, number]])[])(
    '%s, in octets of request and body',
    (_, fate, expected) => {
      expect(octetsOf(fate)).toEqual(expected);
    },
  );
});
