import { ok } from '@parley/prelude';
import type { Effect } from '../room/decision.ts';
import { descriptionId } from './description-id.ts';
import type { MsrpMedia } from './msrp-media.ts';
import { newTerms } from './new-terms.ts';
import { isPaused, readDescription } from './offer.ts';
import { answerOffer, createOurOffer } from './our-description.ts';
import type { ParticipantKind } from './participant-kind.ts';
import { wishesFor, wishForOffer } from './session-wish.ts';

/** Streams of messages over MSRP, at switches. @spec draft-ietf-simple-chat-03 §5.2, RFC 7701 §5.2 */
export const msrpKind: ParticipantKind<MsrpMedia> = {
  name: 'msrp',
  takes: () => true,
  plan({ room, holder, sdp, transport }) {
    const kind = msrpKind;
    if (sdp === undefined) return ok({ kind, offer: undefined, wishes: [wishForOffer(room, holder, transport)] });
    const offer = readDescription(sdp);
    if (!offer.ok) return offer;
    return ok({ kind, offer: offer.value, wishes: wishesFor(room, holder, offer.value.streams) });
  },
  open({ offer, wishes }, { opened, others, policy, surroundings: { dialect, random } }) {
    const terms = { policy, dialect, sessionId: descriptionId(random), others };
    const streams = wishes.flatMap(({ index, peer }) => {
      const session = opened.get(index);
      if (session === undefined) return [];
      const paused = peer !== undefined && isPaused(peer);
      return [{ index, switchInstance: session.switchInstance, session: session.session, bound: false, paused }];
    });
    const isOffering = offer === undefined;
    const wished = new Map(wishes.map((wish) => [wish.index, wish]));
    const localSdp = isOffering ? createOurOffer(opened, wished, terms) : answerOffer(offer, opened, terms);
    return { kind: msrpKind, streams, localSdp, remoteSdp: offer?.bytes ?? new Uint8Array(), isOffering };
  },
  description: ({ localSdp }) => localSdp,
  isConnected: ({ streams }) => streams.some(({ bound }) => bound),
  isOnHold: ({ streams }) => streams.length > 0 && streams.every(({ paused }) => paused),
  eachSwitch({ streams }, tell) {
    for (const { switchInstance } of streams) if (switchInstance !== '') tell(switchInstance);
  },
  withoutSwitch(media, instance, bindBy) {
    const streams = media.streams.map((stream) =>
      stream.switchInstance === instance ? { ...stream, switchInstance: '', session: '', bound: false } : stream,
    );
    return { ...media, streams, bindBy };
  },
  connectBy: ({ bindBy }) => bindBy,
  changeTerms: newTerms,
  deliver: () => [],
  close: ({ streams }, reason) =>
    streams
      .filter(({ session }) => session !== '')
      .map(({ switchInstance, session }): Effect => ({ kind: 'CloseSession', switchInstance, session, reason })),
};
