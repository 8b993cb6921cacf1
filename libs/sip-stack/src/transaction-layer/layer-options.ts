import type { ByteCodec, Clock, Random } from '@parley/prelude';
import type { Flow } from '../flow.ts';
import type { TimerSettings } from '../transactions/timers.ts';
import type { ResponseTarget } from './response-target.ts';
import type { TransactionUser } from './transaction-user.ts';

/** What a transaction layer is built from. */
export interface TransactionLayerOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Host and port that our Via names on this flow, e.g. `192.0.2.1:5060`, and parameters for this hop alone behind them. @spec RFC 3261 §18.1.1 (sent-by) */
  readonly sentBy: (flow: Flow) => string;
  /** Who answers requests; a function, so that layer and user can be built in either order. */
  readonly user: () => TransactionUser;
  /**
   * The flow to a target other than the one that a request came from, which is where the response to a UDP client
   * without rport goes. Without this option, or where it finds none, the flow of the request serves.
   */
  readonly flowTo?: (target: ResponseTarget, flow: Flow) => Flow | undefined;
  readonly timers?: TimerSettings;
  /** Token characters behind the magic cookie of our branches: which worker holds the transaction. Default none. */
  readonly branchTag?: string;
  /** Writes the heads of responses that are kept; the portable one by default. */
  readonly codec?: ByteCodec;
  /** Most transactions of each side, default 400,000; then requests are refused with 503. */
  readonly maxTransactions?: number;
  /** Most responses kept for requests that may come again, default 400,000; the oldest go first. */
  readonly maxCompleted?: number;
  /** Most octets of them, outside the heap; default 256 MiB. */
  readonly completedOctets?: number;
  /** Seconds that a refused client is asked to wait. Default 5. */
  readonly retryAfter?: number;
  /** Milliseconds between two looks at the timers: the most by which one is late. Default 10, a fiftieth of T1. */
  readonly grain?: number;
}

/** What passed through the layer, for metrics; counts only grow. */
export interface TransactionCounts {
  /** Requests that began a server transaction. */
  accepted: number;
  /** Requests that a server transaction had seen before. */
  absorbed: number;
  /** Requests refused because the table was full. */
  refused: number;
  /** Messages without a readable Via, or with a CSeq that contradicts the method. */
  malformed: number;
  /** Responses without a transaction. @spec RFC 6026 §8.9 */
  strays: number;
  /** Responses of the user that the transaction's state, or RFC 4320, forbids. */
  withheld: number;
  /** Requests sent once more. */
  retransmitted: number;
  /** Responses that were not kept as long as their request may come again, and INVITEs that gave up waiting, to make room. */
  shed: number;
}

/** All counts at zero. */
export function noCounts(): TransactionCounts {
  return { accepted: 0, absorbed: 0, refused: 0, malformed: 0, strays: 0, withheld: 0, retransmitted: 0, shed: 0 };
}

/** {@link TransactionLayerOptions.maxTransactions} when it is not given. */
export const defaultMaxTransactions = 400_000;
/** {@link TransactionLayerOptions.maxCompleted} when it is not given. */
export const defaultMaxCompleted = 400_000;
/** {@link TransactionLayerOptions.completedOctets} when it is not given. */
export const defaultCompletedOctets = 268_435_456;
