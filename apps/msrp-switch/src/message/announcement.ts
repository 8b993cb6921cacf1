import { createCpim, dateTimeAt, serialiseCpim } from '@parley/cpim';
import type { ByteCodec, Clock, Random } from '@parley/prelude';
import type { OutgoingChunk } from './outgoing-chunk.ts';
import { ownChunk } from './own-chunk.ts';

/** A message of the room itself, to all or to one. @spec draft-ietf-simple-chat-03 §4 (REQ-9) */
export function announcement(
  room: string,
  text: string,
  { clock, random, codec }: { readonly clock: Clock; readonly random: Random; readonly codec: ByteCodec },
): OutgoingChunk {
  const address = { uri: room };
  const metadata = { from: address, to: [address], dateTime: dateTimeAt(Math.floor(clock.wallTime())) };
  const body = serialiseCpim(createCpim(metadata, 'text/plain;charset=utf-8', codec.encodeUtf8(text)), codec);
  return ownChunk([body], random);
}
