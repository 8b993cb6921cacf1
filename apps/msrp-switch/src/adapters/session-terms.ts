import type { msrpSwitch } from '@parley/contracts';
import { parsePath } from '@parley/msrp';
import type { ParseError, Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import type { SessionTerms } from '../hub/session.ts';
import { MediaAcceptance } from '../message/media-acceptance.ts';

/** Hops that a path may have; two relays on each side are three. */
const maxHops = 16;

/**
 * What the focus says of a session, as the hub works with it.
 *
 * @param now - when who has just come joined, milliseconds since 1970
 */
export function sessionTermsOf(open: msrpSwitch.OpenSession, now: number): Result<SessionTerms, ParseError> {
  const path = open.peerPath.length === 0 ? ok(undefined) : parsePath(open.peerPath.join(' '), maxHops);
  if (!path.ok) return path;
  const { participant, identity, uris, acceptTypes, acceptWrappedTypes, peerMaxSize, privateMessages } = open;
  return ok({
    participant,
    identity,
    uris,
    peerPath: path.value,
    acceptance: new MediaAcceptance(acceptTypes, acceptWrappedTypes),
    peerMaxSize: peerMaxSize === 0 ? Infinity : peerMaxSize,
    takesPrivate: privateMessages,
    fingerprints: open.fingerprints?.items ?? [],
    isSpeaker: open.speaker === true,
    isPaused: open.paused === true,
    takesAmendments: open.amendments === true,
    // What is said here has our time: nobody came later than now, whatever the clock of the focus says.
    joinedAt: Math.min(open.joinedAt ?? now, now),
  });
}
