/** What the outside asks of a running launcher. */
export interface StopSignals {
  /** Aborted by the first signal, or when the process that started us is no more. */
  readonly stop: AbortSignal;
  /** Aborted by a signal that comes later: whoever sends it does not want to wait. */
  readonly hurry: AbortSignal;
  /** Gives the channel to the process that started us back, so that this one can end by running out of work. */
  [Symbol.dispose](): void;
}

/** Signals closer together than this, in milliseconds, are one wish: a terminal and npm pass on the same Ctrl-C. */
const sameWish = 1_000;

/** Listens for the signals that end a server. */
export function listenForStop(): StopSignals {
  const stop = new AbortController();
  const hurry = new AbortController();
  let askedAt = Infinity;
  const onSignal = (): void => {
    if (stop.signal.aborted && performance.now() - askedAt > sameWish) hurry.abort();
    askedAt = Math.min(askedAt, performance.now());
    stop.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  process.once('disconnect', () => {
    stop.abort();
  });
  return {
    stop: stop.signal,
    hurry: hurry.signal,
    [Symbol.dispose]: () => {
      if (process.connected) process.disconnect();
    },
  };
}
