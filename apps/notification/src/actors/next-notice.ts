import type { DocumentPress, Plate } from '../roster/document-press.ts';
import type { View } from '../roster/view.ts';
import { viewOf } from '../roster/view.ts';
import type { EndReason, Notice } from '../subscription/notify.ts';
import type { Live } from './subscription-state.ts';

/**
 * Octets of users in one document: a quarter of what a message of NATS holds, and what fits into a datagram, in fragments,
 * with the head of a NOTIFY.
 */
const largest = { byStream: 262_144, byDatagram: 49_152 } as const;

/** What there is to tell, and whether the subscriber has seen everything once it has taken that. */
export interface NextPlate {
  readonly plate: Plate;
  readonly isLast: boolean;
}

/**
 * What a subscriber is to be told next.
 *
 * @param shown - what it has been shown; undefined: nothing that counts
 * @returns undefined when there is nothing to tell, or nothing known yet
 */
export function nextPlate(press: DocumentPress, live: Live, shown: View | undefined): NextPlate | undefined {
  const { room, reach, identity } = live.stored.subscription;
  if (live.roster === undefined) return undefined;
  const target = viewOf(live.roster, identity);
  const plate = press.plate(room, shown, target, reach.byDatagram ? largest.byDatagram : largest.byStream);
  return plate && { plate, isLast: plate.shown === target };
}

/** The next notice of a subscription, and what its subscriber has seen who has taken it. */
export function nextNotice(
  press: DocumentPress,
  live: Live,
  end: EndReason | undefined,
): readonly [Notice, View | undefined] {
  const { documentVersion, rosterVersion } = live.stored.subscription;
  const next = end === undefined ? nextPlate(press, live, live.shown) : lastPlate(press, live, end);
  if (next === undefined) return [{ document: undefined, rosterVersion, end }, live.shown];
  const document = press.print(next.plate, documentVersion + 1);
  return [{ document, rosterVersion: live.roster?.version ?? rosterVersion, end }, next.plate.shown];
}

/** The last word shows the whole state where one document can: itself, or with those that went before. */
function lastPlate(press: DocumentPress, live: Live, end: EndReason): NextPlate | undefined {
  if (end !== 'timeout') return undefined;
  return [undefined, live.shown].map((shown) => nextPlate(press, live, shown)).find((next) => next?.isLast === true);
}
