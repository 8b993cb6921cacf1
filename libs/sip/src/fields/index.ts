export {
  from,
  historyInfo,
  pAssertedIdentity,
  pAssociatedUri,
  permissionMissing,
  pPreferredIdentity,
  pRefusedUriList,
  referredBy,
  referTo,
  replyTo,
  to,
} from './address.ts';
export { cSeq, rAck } from './c-seq.ts';
export { callId, inReplyTo } from './call-id.ts';
export { contact } from './contact.ts';
export { date } from './date.ts';
export { join, replaces, targetDialog } from './dialog-reference.ts';
export { authenticationInfo } from './authentication-info.ts';
export { proxyAuthenticate, wwwAuthenticate } from './challenge.ts';
export { authorization, proxyAuthorization } from './credentials.ts';
export { event, subscriptionState } from './event.ts';
export { alertInfo, callInfo, errorInfo, infoPackage, recvInfo, referSub } from './info.ts';
export { accept, acceptEncoding, acceptLanguage, contentDisposition, contentType } from './media.ts';
export { contentLength, expires, flowTimer, maxBreadth, maxForwards, maxSize, minExpires, rSeq } from './numbers.ts';
export { acceptContact, rejectContact } from './preference.ts';
export { reason } from './reason.ts';
export { replacesMessage } from './replaces-message.ts';
export { retryAfter } from './retry-after.ts';
export { path, recordRoute, route, serviceRoute } from './routing.ts';
export { minSe, sessionExpires } from './session-timer.ts';
export { organization, server, subject, userAgent } from './text.ts';
export { timestamp } from './timestamp.ts';
export {
  allow,
  allowEvents,
  contentEncoding,
  contentLanguage,
  mimeVersion,
  priority,
  privacy,
  proxyRequire,
  requestDisposition,
  require,
  sipEtag,
  sipIfMatch,
  supported,
  suppressIfMatch,
  unsupported,
} from './tokens.ts';
export { via } from './via.ts';
export { warning } from './warning.ts';
