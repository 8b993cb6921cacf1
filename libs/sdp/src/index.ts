export type { AnswerBase, ChooseStream } from './answer.ts';
export { acceptsAnything, answerTo } from './answer.ts';
export type { HasAttributes } from './attributes.ts';
export { attributeValue, attributeValues, effectiveValue, withAttribute, withoutAttributes } from './attributes.ts';
export type { ChatroomTokens } from './chatroom.ts';
export { allowsNicknames, allowsPrivateMessages, readChatroom, understandsAmendments } from './chatroom.ts';
export type { ConnectionAddress } from './connection-address.ts';
export { connectionAddressOf } from './connection-address.ts';
export type { Direction } from './direction.ts';
export { answerDirection, directionOf, withDirection } from './direction.ts';
export type { Fingerprint } from './fingerprint.ts';
export { readFingerprint } from './fingerprint.ts';
export type { SdpLimits } from './limits.ts';
export { defaultSdpLimits } from './limits.ts';
export type { MsrpMedia } from './msrp-media.ts';
export { isMsrpMedia, msrpMediaDescription, parseMsrpMedia } from './msrp-media.ts';
export { createOffer, originAt } from './offer.ts';
export { parseSdp } from './parse.ts';
export { sdpText, serialiseSdp } from './serialise.ts';
export type {
  Attribute,
  Bandwidth,
  Connection,
  MediaDescription,
  Origin,
  RepeatTimes,
  SessionDescription,
  TimeDescription,
  ZoneAdjustment,
} from './session-description.ts';
export type { ConnectionUse, Setup } from './setup.ts';
export { answerSetup, readConnectionUse, readSetup } from './setup.ts';
export { typedTimeSeconds } from './values.ts';
export { nextVersion, refusedMedia, succeed } from './version.ts';
