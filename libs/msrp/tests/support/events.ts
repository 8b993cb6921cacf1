import { concatBytes, portableCodec } from '@parley/prelude';
import type { ByteCodec } from '@parley/prelude';
import { createMsrpReader } from '../../src/index.ts';
import type { MsrpEvent, MsrpLimits } from '../../src/index.ts';

/** One character per octet. */
export const bytesOf = (text: string): Uint8Array => portableCodec.encodeLatin1(text);

/** The events with adjacent `body` events joined: what must not depend on how the bytes were split. */
export function joinBodies(events: readonly MsrpEvent[]): readonly MsrpEvent[] {
  const joined: MsrpEvent[] = [];
  for (const event of events) {
    const last = joined.at(-1);
    if (event.kind === 'body' && last?.kind === 'body') {
      joined[joined.length - 1] = { kind: 'body', bytes: concatBytes([last.bytes, event.bytes]) };
    } else joined.push(event.kind === 'body' ? { kind: 'body', bytes: Uint8Array.from(event.bytes) } : event);
  }
  return joined;
}

/** How to feed a reader. */
export interface Feed {
  readonly limits?: Partial<MsrpLimits>;
  readonly codec?: ByteCodec;
  /** Offsets at which the bytes are cut. */
  readonly cuts?: readonly number[];
}

/** All events of `bytes`, each piece given in a fresh array that is wiped afterwards, as a reused receive buffer is. */
export function readAll(bytes: Uint8Array, feed: Feed = {}): readonly MsrpEvent[] {
  const { cuts = [], ...options } = feed;
  const reader = createMsrpReader(options);
  const events: MsrpEvent[] = [];
  const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < edges.length; i++) {
    const piece = Uint8Array.from(bytes.subarray(edges[i - 1], edges[i]));
    events.push(...joinBodies(reader.push(piece)));
    piece.fill(0x21);
  }
  return joinBodies([...events, ...reader.end()]);
}

/** One line per event, bodies as text: what vectors are compared with. */
export function readText(text: string, feed: Feed = {}): readonly MsrpEvent[] {
  return readAll(bytesOf(text), feed);
}
