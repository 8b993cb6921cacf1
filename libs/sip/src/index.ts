export type { RawField, ReplyParts, RequestParts, ResponseParts } from './create.ts';
export { createRequest, createResponse, createResponseTo } from './create.ts';
export { checkRequest, checkResponse } from './check.ts';
export type { HeaderLine } from './edit.ts';
export {
  headerLine,
  without,
  withAppended,
  withBody,
  withField,
  withFirst,
  withLines,
  withoutFirst,
  withRawField,
  withRequestUri,
  withTop,
} from './edit.ts';
export * as field from './fields/index.ts';
export type { DialogParty } from './fields/address.ts';
export type { CSeq, RAck } from './fields/c-seq.ts';
export type { Contact, ContactAddress } from './fields/contact.ts';
export type { Join, Replaces, TargetDialog } from './fields/dialog-reference.ts';
export type { AuthenticationInfo } from './fields/authentication-info.ts';
export type { OtherScheme } from './fields/auth-scheme.ts';
export type { Challenge, DigestChallenge } from './fields/challenge.ts';
export type { Credentials, DigestCredentials } from './fields/credentials.ts';
export type { Event, SubscriptionState } from './fields/event.ts';
export type { Info, InfoPackage } from './fields/info.ts';
export type { ContentDisposition, ContentType, Preference } from './fields/media.ts';
export type { ContactPreference } from './fields/preference.ts';
export type { Reason } from './fields/reason.ts';
export type { ReplacesMessage } from './fields/replaces-message.ts';
export type { RetryAfter } from './fields/retry-after.ts';
export type { MinSe, SessionExpires } from './fields/session-timer.ts';
export type { Timestamp } from './fields/timestamp.ts';
export type { Via } from './fields/via.ts';
export type { Warning } from './fields/warning.ts';
export type { FramerEvent, SipFramer } from './framer.ts';
export { createSipFramer } from './framer.ts';
export type { Glance } from './glance.ts';
export { answerAtGlance, glanceAt } from './glance.ts';
export type { NameAddr } from './grammar/name-addr.ts';
export type { Parameters } from './grammar/parameters.ts';
export { noParameters, parameterText } from './grammar/parameters.ts';
export { isToken } from './grammar/characters.ts';
export { quote, unquote } from './grammar/quoted.ts';
export { decodeText, encodeText } from './head-text.ts';
export type { HeaderDefinition } from './header-definition.ts';
export type { HeaderFields } from './header-fields.ts';
export type { SipLimits } from './limits.ts';
export { defaultSipLimits } from './limits.ts';
export type { SipMessage, SipRequest, SipResponse } from './message.ts';
export { octetsAtMost } from './octets.ts';
export type { ParseOptions } from './parse-message.ts';
export { parseSipMessage } from './parse-message.ts';
export { mayHaveSeveral, read, readAll, readRaw, readRawAll } from './read.ts';
export { reasonPhrase, reasonPhrases } from './reason-phrases.ts';
export { serialise, serialiseHead } from './serialise.ts';
export type { SipParseError } from './sip-parse-error.ts';
export { canonicalHost, equalHosts } from './uri/equal-hosts.ts';
export { canonicalNumber } from './uri/equal-tel-uris.ts';
export { equalUris } from './uri/equal-uris.ts';
export { escapeUriHeader, escapeUriParameter, escapeUser, normaliseEscapes, unescapeUri } from './uri/escapes.ts';
export { isHost } from './uri/host.ts';
export { parseUri } from './uri/parse-uri.ts';
export { serialiseUri } from './uri/serialise-uri.ts';
export type { AbsoluteUri, ImUri, SipUri, TelUri, Uri, UriHeader } from './uri/uri.ts';
export { isSipUri } from './uri/uri.ts';
