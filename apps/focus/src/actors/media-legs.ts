import type { Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import { parseSdp } from '@parley/sdp';
import type { SessionDescription } from '@parley/sdp';
import { createRequest } from '@parley/sip';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';
import { ackRequest, byeRequest, createUacDialog, dialogRequest, refreshTarget } from '@parley/sip-stack';
import type { Dialog } from '@parley/sip-stack';
import type { EdgeClient } from '../adapters/edge-client.ts';
import type { MediaLeg, OtherMedia } from '../media/media-leg.ts';
import { noOtherMedia } from '../media/media-leg.ts';
import { answeredLines, isSameMedia, offerToServer, otherLines } from '../media/other-media.ts';
import { tagLength } from '../room/join.ts';
import type { RoomUri } from '../room/room-uri.ts';
import { capabilityFields, focusContact } from '../sip/focus-fields.ts';

/** Milliseconds that a media server has for its answer: the participant waits for ours meanwhile, eight seconds at most. */
const patience = 4_000;

/** What it takes to talk to a media server. */
export interface LegMeans {
  readonly edges: Pick<EdgeClient, 'invite' | 'send'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** What a participant offers beside its messages, and to whom. */
export interface LegWish {
  readonly room: RoomUri;
  /** URI of the media server; empty: none. */
  readonly server: string;
  readonly edgeInstance: string;
  /** Undefined: it did not offer. */
  readonly offer: SessionDescription | undefined;
}

/** What there is already: the leg, and what both sides said last. */
export interface LegBefore {
  readonly leg: MediaLeg | undefined;
  readonly theirs: Uint8Array;
  readonly ours: Uint8Array;
}

/** Whether an offer has to go to a media server at all. */
export function concernsServer({ server, offer }: LegWish, before?: LegBefore): boolean {
  if (offer === undefined) return false;
  return before?.leg !== undefined || (server !== '' && otherLines(offer).size > 0);
}

/**
 * Has a media server answer the audio and video lines of an offer: by an INVITE of our own, or a re-INVITE where it has answered
 * before. Whatever fails leaves them refused; a leg that was there has then to be ended.
 *
 * @spec RFC 3725 §4, RFC 3261 §13.2.2.4
 */
export async function connectOtherMedia(means: LegMeans, wish: LegWish, before?: LegBefore): Promise<OtherMedia> {
  const { offer } = wish;
  if (offer === undefined || !concernsServer(wish, before) || otherLines(offer).size === 0) return noOtherMedia;
  const same = before?.leg && goesOn(before, offer);
  if (same !== undefined) return same;
  const body = offerToServer(offer, before?.leg?.offer, means.random);
  const [request, dialog] = before?.leg ? again(before.leg, wish, body) : [first(wish, body, means.random), undefined];
  const response = await ask(means, wish, request);
  return response === undefined ? noOtherMedia : taken(means, wish, { request, dialog, response });
}

/** What stands, where nothing of it has changed. */
function goesOn({ leg, theirs, ours }: LegBefore, offer: SessionDescription): OtherMedia | undefined {
  const [said, answered] = [parseSdp(theirs), parseSdp(ours)];
  if (!said.ok || !answered.ok || !isSameMedia(said.value, offer)) return undefined;
  return { leg, lines: otherLines(answered.value) };
}

const contentType: RawField = ['Content-Type', 'application/sdp'];

/**
 * The server refreshes its session: a leg whose focus ended before it was written is one that nobody knows, and ends when its
 * refresh is answered 481.
 *
 * @spec RFC 4028 §7.1, §10
 */
const expires: RawField = ['Session-Expires', '1800;refresher=uas'];

function first({ room, server }: LegWish, body: Uint8Array, random: Random): SipRequest {
  const fields: readonly RawField[] = [
    ['Max-Forwards', '70'],
    ['From', `<${room}>;tag=${randomToken(random, tagLength)}`],
    ['To', `<${server}>`],
    ['Call-ID', randomToken(random, tagLength)],
    ['CSeq', '1 INVITE'],
    focusContact(room),
    ...capabilityFields,
    expires,
    contentType,
  ];
  return createRequest({ method: 'INVITE', requestUri: server, fields, body });
}

function again({ dialog }: MediaLeg, { room }: LegWish, body: Uint8Array): readonly [SipRequest, Dialog] {
  return dialogRequest(dialog, 'INVITE', {
    fields: [focusContact(room), ...capabilityFields, expires, contentType],
    body,
  });
}

/** The 2xx of the server; who takes too long is told that it is over. */
async function ask(means: LegMeans, wish: LegWish, request: SipRequest): Promise<SipResponse | undefined> {
  const { edges, clock } = means;
  const reach = { edgeInstance: wish.edgeInstance, flow: '' };
  const pending = edges.invite({ reach, path: [], recordRoute: { kind: 'of-flow-taken' } }, request);
  return await new Promise((resolve) => {
    let isLate = false;
    const cancel = clock.after(patience, () => {
      isLate = true;
      pending.cancel();
      resolve(undefined);
    });
    void pending.response.then((response) => {
      cancel();
      const isTaken = response !== undefined && response.statusCode < 300;
      if (isTaken && isLate) end(means, wish, request, response);
      else resolve(isTaken ? response : undefined);
    });
  });
}

interface Taken {
  readonly request: SipRequest;
  /** That of a re-INVITE. */
  readonly dialog: Dialog | undefined;
  readonly response: SipResponse;
}

function taken(
  { edges }: LegMeans,
  { edgeInstance }: LegWish,
  { request, dialog: before, response }: Taken,
): OtherMedia {
  const made = before === undefined ? createUacDialog(request, response) : undefined;
  const dialog = before === undefined ? made?.ok && made.value : refreshTarget(before, 'INVITE', response);
  if (dialog === undefined || dialog === false) return noOtherMedia;
  void edges.send({ edgeInstance, flow: '' }, ackRequest(dialog, request));
  return { leg: { dialog, edgeInstance, offer: request.body }, lines: answeredLines(response.body) };
}

/** A server that answered when nobody waited any more. @spec RFC 3261 §13.2.2.4 */
function end({ edges }: LegMeans, { edgeInstance }: LegWish, request: SipRequest, response: SipResponse): void {
  const dialog = createUacDialog(request, response);
  if (!dialog.ok) return;
  const reach = { edgeInstance, flow: '' };
  void edges.send(reach, ackRequest(dialog.value, request));
  void edges.send(reach, byeRequest(dialog.value)[0]);
}
