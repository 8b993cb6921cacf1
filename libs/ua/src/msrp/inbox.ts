import { err, ok, peerViolation } from '@parley/prelude';
import type { PeerViolation, Result } from '@parley/prelude';
import { emptyReassembly, isComplete, receiveChunk } from '@parley/msrp';
import type { ContinuationFlag, MsrpRequestHead, Reassembly } from '@parley/msrp';
import type { ReceivedMessage } from './endpoint.ts';

/** Messages that may be half received at a time, and holes that one may have. */
const bounds = { messages: 64, spans: 64 };

/** A message of which chunks are missing. */
interface Partial {
  readonly first: MsrpRequestHead;
  state: Reassembly;
  octets: Uint8Array;
}

/** Room for `length` octets, with what was there before; doubles, so that many chunks cost linear work. */
function grown(octets: Uint8Array, length: number): Uint8Array {
  if (length <= octets.length) return octets;
  const larger = new Uint8Array(Math.max(length, 2 * octets.length));
  larger.set(octets);
  return larger;
}

/** Puts the chunks of messages together. @spec RFC 4975 §7.3.1 */
export class Inbox {
  readonly #messageBytes: number;
  /** By Message-ID, the one that began first in front. */
  readonly #partials = new Map<string, Partial>();

  /** @param messageBytes - octets of the largest message */
  constructor(messageBytes: number) {
    this.#messageBytes = messageBytes;
  }

  /**
   * Takes a chunk.
   *
   * @returns the message that it completes, undefined when more is to come or it was given up, or why it is refused
   */
  take(
    head: MsrpRequestHead,
    body: Uint8Array,
    flag: ContinuationFlag,
  ): Result<ReceivedMessage | undefined, PeerViolation> {
    const { messageId, byteRange } = head;
    if (messageId === undefined) return err(peerViolation(400, 'RFC 4975 §7.1.1', 'expected a Message-ID'));
    const start = byteRange?.start ?? 1;
    const partial = this.#partials.get(messageId) ?? { first: head, state: emptyReassembly, octets: new Uint8Array(0) };
    const chunk = { start, length: body.length, total: byteRange?.total ?? '*', flag };
    const state = receiveChunk(partial.state, chunk, { messageBytes: this.#messageBytes, spans: bounds.spans });
    if (!state.ok) {
      this.#partials.delete(messageId);
      return state;
    }
    partial.state = state.value;
    partial.octets = start === 1 && flag === '$' ? body : grown(partial.octets, start - 1 + body.length);
    if (partial.octets !== body) partial.octets.set(body, start - 1);
    if (state.value.aborted) this.#partials.delete(messageId);
    else if (isComplete(state.value)) return ok(this.#complete(messageId, partial));
    else this.#keep(messageId, partial);
    return ok(undefined);
  }

  #complete(messageId: string, { first, state, octets }: Partial): ReceivedMessage {
    this.#partials.delete(messageId);
    const { contentType = 'text/plain', fields } = first;
    return { messageId, contentType, body: octets.subarray(0, state.total ?? octets.length), fields };
  }

  /** The oldest of too many is given up: its sender has stopped in the middle. */
  #keep(messageId: string, partial: Partial): void {
    this.#partials.set(messageId, partial);
    const [oldest] = this.#partials.keys();
    if (this.#partials.size > bounds.messages && oldest !== undefined) this.#partials.delete(oldest);
  }
}
