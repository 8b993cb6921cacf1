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

/** What is said of a chunk beside its octets. */
export interface ChunkBackground {
  /** Is told each transaction identifier. */
  readonly note?: ((transactionId: string) => void) | undefined;
  /** Who says it: what one says stays in order. Unknown: it stays in order with all else. */
  readonly source?: object | undefined;
}

/** Octets of a body up to which it is copied once into the tail; a longer one stays a view of what came in. */
const copiedBody = 4096;

/** A chunk on its way to many; encoded once, and once more for each further session on the same connection. */
export class OutgoingChunk {
  readonly head: SharedHead;
  readonly body: readonly Uint8Array[];
  readonly flag: ContinuationFlag;
  private readonly fanOut: FanOut;
  readonly source: object | undefined;
  private readonly random: Random;
  private readonly note: ((transactionId: string) => void) | undefined;
  private readonly variants: EncodedChunk[] = [];

  constructor(
    head: SharedHead,
    body: readonly Uint8Array[],
    flag: ContinuationFlag,
    random: Random,
    { note, source }: ChunkBackground = {},
  ) {
    this.head = head;
    this.fanOut = prepareFanOut(head);
    this.body = body;
    this.flag = flag;
    this.random = random;
    this.note = note;
    this.source = source;
  }

  /** Whether more of its message comes, or came. */
  get isPart(): boolean {
    return this.flag !== '$' || (this.head.byteRange?.start ?? 1) !== 1;
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
