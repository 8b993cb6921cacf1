import type { BusFailure, MessageStream } from '@parley/bus';
import type { Result } from '@parley/prelude';
import { ok } from '@parley/prelude';

/** Parts of a stream that are read at the same time: each message is a question of its own, whose way costs more than its answer. */
const lanes = 16;

/**
 * Goes through all messages of a subject, several parts of the stream at once.
 *
 * @param pick - what is wanted of a message
 * @returns what was picked, in the order of the messages
 */
export async function readAcross<T, R>(
  stream: Pick<MessageStream<T>, 'next' | 'last'>,
  subject: string,
  pick: (message: T) => readonly R[],
): Promise<Result<readonly R[], BusFailure>> {
  const [first, last] = await Promise.all([stream.next(subject, 1), stream.last(subject)]);
  if (!first.ok) return first;
  if (!last.ok) return last;
  if (first.value === undefined || last.value === undefined) return ok([]);
  const { sequence: begin } = first.value;
  const width = Math.ceil((last.value.sequence + 1 - begin) / lanes);
  const read = async (lane: number): Promise<Result<readonly R[], BusFailure>> => {
    const picked: R[] = [];
    const end = begin + (lane + 1) * width;
    for (let from = end - width; from < end;) {
      const found = await stream.next(subject, from);
      if (!found.ok) return found;
      if (found.value === undefined || found.value.sequence >= end) break;
      picked.push(...pick(found.value.message));
      from = found.value.sequence + 1;
    }
    return ok(picked);
  };
  const all: R[] = [];
  for (const part of await Promise.all(Array.from({ length: lanes }, (_, lane) => read(lane)))) {
    if (!part.ok) return part;
    all.push(...part.value);
  }
  return ok(all);
}
