const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Calls `stop` when someone asks this process to go: a signal, or the end of the IPC channel, by which the launcher's death
 * is noticed however it died. Returns what takes the listeners away and lets the channel go.
 *
 * A second SIGINT is a person who does not want to wait; a SIGTERM after a SIGINT is a launcher that passes on what the
 * terminal has sent to both.
 */
export function onStopRequest(stop: (reason: string) => void): () => void {
  let interrupted = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupted && signal === 'SIGINT') process.exit(1);
    interrupted ||= signal === 'SIGINT';
    stop(signal);
  };
  const onDisconnect = (): void => {
    stop('the launcher is gone');
  };
  for (const signal of signals) process.on(signal, onSignal);
  process.on('disconnect', onDisconnect);
  // A channel that was there at the start and is gone already tells nothing more.
  if (process.send !== undefined && !process.connected) onDisconnect();
  // A launcher that was killed leaves broken pipes as well.
  process.stdout.on('error', ignore);
  process.stderr.on('error', ignore);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
    process.off('disconnect', onDisconnect);
    if (process.connected) process.disconnect();
  };
}

function ignore(): void {}
