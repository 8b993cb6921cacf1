import type { MediaDescription, Origin, SessionDescription } from './session-description.ts';

/** A first offer: a permanent session without a name, as RFC 3264 §5 has it. */
export function createOffer(
  origin: Origin,
  media: readonly MediaDescription[],
  session: Partial<Omit<SessionDescription, 'origin' | 'media'>> = {},
): SessionDescription {
  const times = [{ startTime: '0', stopTime: '0', repeats: [], zones: [] }];
  const empty = { emails: [], phones: [], bandwidths: [], attributes: [] };
  return { sessionName: '-', ...empty, times, ...session, origin, media };
}

/** The origin of an address: `IP6` when it has a colon, else `IP4`, under which host names go as well. */
export function originAt(address: string, sessId: string, sessVersion: string = sessId): Origin {
  const addrtype = address.includes(':') ? 'IP6' : 'IP4';
  return { username: '-', sessId, sessVersion, nettype: 'IN', addrtype, unicastAddress: address };
}
