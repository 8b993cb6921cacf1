import type { Cancel, Clock, Result } from '@parley/prelude';
import type { BusFailure } from '../bus-failure.ts';
import type { Link, RawWatcher } from '../link.ts';
import type { BusLogger } from '../logger.ts';
import type { LatestReader } from './latest-values.ts';

/** Pause before a watch that could not begin is tried again, milliseconds. */
const pause = 250;

/**
 * Runs `begin` whenever NATS is there, each time from a new snapshot, until cancelled. One that ends or cannot begin is
 * begun again.
 */
export function watchAcrossReconnects(
  link: Link,
  { clock, logger }: { readonly clock: Clock; readonly logger: BusLogger },
  watcher: RawWatcher,
  begin: (reader: LatestReader) => Promise<Result<Cancel, BusFailure>>,
): Cancel {
  let isWanted = true;
  let round = 0;
  let cancelRound: Cancel = () => {};
  let cancelPause: Cancel = () => {};

  const endRound = (): void => {
    round++;
    cancelPause();
    cancelRound();
    cancelRound = () => {};
  };
  const again = (): void => {
    endRound();
    if (isWanted && link.state === 'connected') cancelPause = clock.after(pause, run);
  };
  const run = (): void => {
    const mine = ++round;
    const isCurrent = (): boolean => isWanted && round === mine;
    const guarded: LatestReader = {
      entry: (entry) => {
        if (isCurrent()) watcher.entry(entry);
      },
      synced: () => {
        if (isCurrent()) watcher.synced();
      },
      ended: () => {
        if (isCurrent()) again();
      },
    };
    watcher.restarted();
    const failed = (error: unknown): void => {
      if (!isCurrent()) return;
      logger.warn({ err: error }, 'watch cannot begin');
      again();
    };
    begin(guarded).then((begun) => {
      if (!begun.ok) failed(begun.error);
      else if (isCurrent()) cancelRound = begun.value;
      else begun.value();
    }, failed);
  };
  const forget = link.onState((state) => {
    endRound();
    if (state === 'connected') run();
  });
  if (link.state === 'connected') run();
  return () => {
    isWanted = false;
    forget();
    endRound();
  };
}
