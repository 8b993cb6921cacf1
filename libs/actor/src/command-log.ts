/** A command that was carried out, and what was answered. */
export interface DoneCommand<Outcome> {
  readonly id: string;
  readonly outcome: Outcome;
}

/**
 * The last commands that an actor carried out, oldest first. Plain data: it is stored in the actor's record, in the same
 * write as the command's effect, so that a command retried after a lost answer or a takeover is answered again, not
 * carried out twice.
 */
export type CommandLog<Outcome> = readonly DoneCommand<Outcome>[];

/** The outcome recorded for a command id; undefined when it is new, or so old that it has been dropped. */
export function recallCommand<Outcome>(log: CommandLog<Outcome>, id: string): DoneCommand<Outcome> | undefined {
  return log.findLast((command) => command.id === id);
}

/**
 * The log with one more command.
 *
 * @param limit - commands kept; default 64, several times what a sender has in flight, at some 50 octets each
 */
export function recordCommand<Outcome>(
  log: CommandLog<Outcome>,
  id: string,
  outcome: Outcome,
  limit = 64,
): CommandLog<Outcome> {
  return [...log.slice(Math.max(0, log.length + 1 - limit)), { id, outcome }];
}
