/** Bytes that are not the grammar. Returned by every parser; plain data, so that it may cross a thread or be compared. */
export interface ParseError {
  readonly kind: 'ParseError';
  /** What was expected and what came, in one sentence without the offending bytes. */
  readonly message: string;
  /** Grammar rule that failed, as the RFC spells it, e.g. `Request-Line`. */
  readonly rule: string;
  /** Octet offset into the input where the rule failed. */
  readonly offset: number;
  /** Clause of the rule, e.g. `RFC 3261 §25.1`. */
  readonly section: string;
}

/** Well-formed but forbidden now: returned, and answered with `status`. */
export interface PeerViolation {
  readonly kind: 'PeerViolation';
  readonly message: string;
  readonly section: string;
  /** Status code of the protocol in hand that names the violation. */
  readonly status: number;
}

/** Policy says no: returned, and answered with `status` and `phrase`. */
export interface Refusal {
  readonly kind: 'Refusal';
  readonly status: number;
  readonly phrase: string;
  /** Why, for the log and for a Warning; never a secret. */
  readonly message: string;
  /** Seconds after which another try makes sense. */
  readonly retryAfter?: number;
}

/** The other side cannot be reached: closed, refused, timed out. A message to the owner of the transport. */
export interface TransportFailure {
  readonly kind: 'TransportFailure';
  readonly message: string;
  readonly retryable: boolean;
  readonly cause?: unknown;
}

/** Builds a {@link ParseError}. */
export function parseError(rule: string, offset: number, section: string, message: string): ParseError {
  return { kind: 'ParseError', message, rule, offset, section };
}

/** Builds a {@link PeerViolation}. */
export function peerViolation(status: number, section: string, message: string): PeerViolation {
  return { kind: 'PeerViolation', message, section, status };
}

/** Builds a {@link Refusal}. */
export function refusal(status: number, phrase: string, message: string, retryAfter?: number): Refusal {
  return { kind: 'Refusal', status, phrase, message, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

/** Builds a {@link TransportFailure}. */
export function transportFailure(message: string, retryable: boolean, cause?: unknown): TransportFailure {
  return { kind: 'TransportFailure', message, retryable, ...(cause === undefined ? {} : { cause }) };
}
