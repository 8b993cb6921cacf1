import { isAnswered, responseTo, serialiseResponse } from '@parley/msrp';
import type { IncomingChunk } from './incoming-chunk.ts';
import type { Surroundings } from './surroundings.ts';

/** Answers a chunk with a code that says why it is not taken, where such an answer is wanted. */
export function refuseChunk(
  chunk: IncomingChunk,
  code: number,
  { events }: Pick<Surroundings, 'events'>,
  comment?: string,
): void {
  chunk.refusedWith = code;
  events.requestRefused('SEND', code);
  if (isAnswered(chunk.request, code)) chunk.outlet.send(serialiseResponse(responseTo(chunk.request, code, comment)));
}
