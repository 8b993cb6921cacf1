import type { ContinuationFlag, FanOut, SharedHead } from '@parley/msrp';
import { createTransactionId, endLineAfterBody, prepareFanOut } from '@parley/msrp';
import type { Random } from '@parley/prelude';

/** The octets of one chunk that all its recipients share; only the path lines go between. */
export interface EncodedChunk {
  /** `MSRP`, transaction identifier, method. */
  readonly start: Uint8Array;
  /** Everything behind the paths. */
  readonly tail: readonly Uint8Array[];
  /** Of start and tail. */
  readonly octets: number;
}

/** Octets of a body up to which it is copied once into the tail; a longer one stays a view of what came in. */
const copiedBody = 4096;

/** A chunk on its way to many; encoded once, and once more for each further session on the same connection. */
export class OutgoingChunk {
  readonly head: SharedHead;
  readonly body: readonly Uint8Array[];
  readonly flag: ContinuationFlag;
  private readonly fanOut: FanOut;
  private readonly random: Random;
  private readonly note: ((transactionId: string) => void) | undefined;
  private readonly variants: EncodedChunk[] = [];

  /** @param note - is told each transaction identifier */
  constructor(
    head: SharedHead,
    body: readonly Uint8Array[],
    flag: ContinuationFlag,
    random: Random,
    note?: (transactionId: string) => void,
  ) {
    this.head = head;
    this.fanOut = prepareFanOut(head);
    this.body = body;
    this.flag = flag;
    this.random = random;
    this.note = note;
  }

  /**
   * The octets for the `index`-th session on one connection: transactions of one connection differ in their
   * identifiers, those of different connections need not.
   *
   * @spec RFC 4975 §7.1
   */
  variant(index: number): EncodedChunk {
    return (this.variants[index] ??= this.encode());
  }

  private encode(): EncodedChunk {
    const transactionId = createTransactionId(this.random);
    this.note?.(transactionId);
    const start = `MSRP ${transactionId} SEND`;
    const behind = Buffer.from(this.fanOut.head(transactionId, '').slice(start.length), 'latin1');
    const end = Buffer.from(endLineAfterBody(transactionId, this.flag), 'latin1');
    const parts = [behind, ...this.body, end];
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const tail = length <= copiedBody ? [Buffer.concat(parts, length)] : parts;
    return { start: Buffer.from(start, 'latin1'), tail, octets: start.length + length };
  }
}
