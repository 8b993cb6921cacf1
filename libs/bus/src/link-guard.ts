import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { BusFailure } from './bus-failure.ts';
import { busFailure } from './bus-failure.ts';
import type { Link } from './link.ts';

/**
 * Longest subject or key that is handed to NATS, characters: a control line of the server holds 4096 octets and a longer one
 * costs the whole connection, so that a long name of a user or room must be refused here.
 */
export const maxSubjectLength = 1024;

/** Octets of a message that headers may take. */
const headerAllowance = 1024;

const subjectShape = /^[^\s.*>]+(?:\.[^\s.*>]+)*$/;
const patternShape = /^(?:[^\s.*>]+|\*)(?:\.(?:[^\s.*>]+|\*))*(?:\.>)?$/;
const prefixShape = /^(?:[-/_=a-zA-Z0-9]+\.)*[-/_=a-zA-Z0-9]*$/;

/** Whether a subject names exactly one destination and can be sent. */
export function checkSubject(subject: string): Result<void, BusFailure> {
  if (subject.length <= maxSubjectLength && subjectShape.test(subject)) return ok(undefined);
  return err(busFailure('refused', `expected a subject of at most ${maxSubjectLength} characters, without wildcards`));
}

/** Whether a pattern can be subscribed to; what it says of length protects the connection as {@link checkSubject} does. */
export function isPattern(pattern: string): boolean {
  return pattern.length <= maxSubjectLength && patternShape.test(pattern);
}

/** Whether a prefix of keys can be asked for. */
export function isKeyPrefix(prefix: string): boolean {
  return prefix.length <= maxSubjectLength && prefixShape.test(prefix);
}

/** Whether the link can take this message now. */
export function checkSend(link: Link, subject: string, data: Uint8Array): Result<void, BusFailure> {
  if (link.state !== 'connected') return err(linkFailure(link));
  const sized = checkSize(link, data);
  return sized.ok ? checkSubject(subject) : sized;
}

/** Whether NATS takes a message of this size. */
export function checkSize(link: Pick<Link, 'maxPayload'>, data: Uint8Array): Result<void, BusFailure> {
  if (data.length <= link.maxPayload - headerAllowance) return ok(undefined);
  return err(
    busFailure('refused', `a message of ${data.length} octets is above the ${link.maxPayload} that NATS takes`),
  );
}

/** The failure that the state of a link that is not connected stands for. */
export function linkFailure(link: Link): BusFailure {
  return link.state === 'closed'
    ? busFailure('closed', 'the bus is closed')
    : busFailure('disconnected', 'NATS is away');
}
