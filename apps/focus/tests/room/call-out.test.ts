import { unwrap } from '@parley/prelude';
import { createResponseTo } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { completeCall, inviteTo, offerForCall, planCall } from '../../src/room/call-out.ts';
import type { Device } from '../../src/room/call-out.ts';
import type { Decision } from '../../src/room/decision.ts';
import type { Room } from '../../src/room/room.ts';
import { join, openedFor, roomWith, surroundings } from '../scene.ts';

const around = surroundings();
const device: Device = {
  contact: 'sip:carol@127.0.0.1:5555;transport=tcp',
  reach: { edgeInstance: 'e1', flow: 'f1' },
  path: [],
  recordRoute: { kind: 'none' },
  transport: { scheme: 'msrp', transport: 'tcp' },
};

/** What becomes of a call out of a room that is another when it is taken. */
function called(before: Room, after: Room): Decision {
  const planned = unwrap(planCall(before, 'sip:carol@localhost', '', around));
  const opened = openedFor([planned.wish]);
  const offer = offerForCall(planned, opened, device.transport, around);
  const request = inviteTo(planned, device, offer);
  const response = createResponseTo(request, 200, undefined, {
    toTag: 'c',
    fields: [['Contact', `<${device.contact}>`]],
  });
  const call = { request, offer, response, reach: device.reach, isSecure: false };
  return completeCall(after, planned, opened, call, around);
}

describe('a call out of a room (RFC 4579 §5.5)', () => {
  it('is refused where the room is full', () => {
    const { room } = join(roomWith({ maxParticipants: 1 }));
    expect(planCall(room, 'sip:carol@localhost', '', around)).toMatchObject({ ok: false, error: { status: 486 } });
  });

  it('whose answer comes when others have taken the last seat ends with a BYE, and nobody is too many', () => {
    const empty = roomWith({ maxParticipants: 1 });
    const { room } = join(empty);
    const { room: after, effects } = called(empty, room);
    expect(after?.participants.size).toBe(1);
    const requests = effects.flatMap((effect) => (effect.kind === 'SendRequest' ? [effect.request.method] : []));
    expect(requests).toEqual(['ACK', 'BYE']);
  });
});
