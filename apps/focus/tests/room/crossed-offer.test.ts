import { describe, expect, it } from 'vitest';
import { wishForOffer } from '../../src/media/session-wish.ts';
import { deviceAnswered, offerInTurn, offerNewPaths, offerOnceMore } from '../../src/room/reoffer.ts';
import { switchLost } from '../../src/room/sessions.ts';
import { answered, join, now, openedFor, participant, present, roomWith, surroundings } from '../scene.ts';

describe('an offer of new paths that crosses one of the participant (RFC 3261 §14.1)', () => {
  const alice = join(roomWith());
  const lost = present(switchLost(alice.room, 'm1', now));
  const who = participant({ room: lost }, alice.id);
  const opened = openedFor([wishForOffer(lost, who, { scheme: 'msrp', transport: 'tcp' })], 'm2');
  const offered = offerNewPaths(lost, alice.id, opened, surroundings())!;
  const [ask] = offered.effects;
  if (ask?.kind !== 'AskDevice') throw new Error('expected an offer');
  const glare = answered(`SIP/2.0 491 Request Pending\r\nTo: <sip:alice@localhost>;tag=a\r\nContent-Length: 0\r\n\r\n`);
  const crossed = deviceAnswered(offered.room, alice.id, ask.request, glare, now);

  it('is made again after a while: the participant has to be bound in time', () => {
    expect(crossed.effects).toEqual([{ kind: 'OfferLater', participant: alice.id, isOurCallId: false }]);
    const again = offerOnceMore(crossed.room, alice.id);
    expect(again.effects).toMatchObject([{ kind: 'AskDevice', request: { method: 'INVITE' } }]);
    const [second] = again.effects;
    expect(second?.kind === 'AskDevice' && second.request.body).toEqual(ask.request.body);
  });

  it('MUST wait where another one is under way, is made once, and no more when the participant has left (RFC 3261 §14.1)', () => {
    const later = { kind: 'OfferLater', participant: alice.id, isOurCallId: false };
    const waiting = offerInTurn(present(offered), participant(offered, alice.id));
    expect(waiting.effects).toEqual([later]);
    expect(offerOnceMore(waiting.room, alice.id).effects).toEqual([later]);
    const made = offerOnceMore(crossed.room, alice.id);
    expect(offerOnceMore(made.room, alice.id).effects).toEqual([]);
    expect(offerOnceMore(undefined, alice.id).effects).toEqual([]);
  });
});
