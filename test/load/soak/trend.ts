/** What an edge held in one minute, at its lowest: what the collector had not come to yet is not counted. */
export interface Minute {
  /** Minutes since the load began. */
  readonly at: number;
  /** Octets. */
  readonly rss: number;
  /** Octets of the heap in use. */
  readonly heap: number;
  readonly transactions: number;
  /** Processor seconds of the edge in this minute. */
  readonly cpu: number;
}

/** Part of a run that is not looked at: until the compiler and the collector have found their size. */
const settling = 0.25;
/** Growth in an hour, as a part of what is held, below which nothing grows that matters. */
const flatWithin = 0.05;

/**
 * Change of a value in an hour: the middle one of the slopes between all pairs of minutes (Theil and Sen), which a single
 * collection that came late does not tilt. 0 of fewer than two.
 */
export function slopeOf(minutes: readonly Minute[], value: (minute: Minute) => number): number {
  const slopes = minutes.flatMap((one, i) =>
    minutes.slice(i + 1).map((other) => ((value(other) - value(one)) / (other.at - one.at)) * 60),
  );
  return slopes.toSorted((a, b) => a - b)[slopes.length >> 1] ?? 0;
}

/** What a soak found. */
export interface Verdict {
  /** Octets in an hour. */
  readonly rss: number;
  readonly heap: number;
  readonly transactions: number;
  readonly isFlat: boolean;
}

/** Judges all but the first quarter of a run: flat is what grows by less than a twentieth in an hour. */
export function verdictOn(minutes: readonly Minute[]): Verdict {
  const settled = minutes.slice(Math.floor(minutes.length * settling));
  const grows = (value: (minute: Minute) => number): boolean =>
    slopeOf(settled, value) > flatWithin * Math.max(...settled.map(value), 0);
  return {
    rss: slopeOf(settled, ({ rss }) => rss),
    heap: slopeOf(settled, ({ heap }) => heap),
    transactions: slopeOf(settled, ({ transactions }) => transactions),
    isFlat: !grows(({ rss }) => rss) && !grows(({ heap }) => heap),
  };
}
