import type { ParseError, Result } from '@parley/prelude';

/** Bytes of one kind of message and back. */
export interface Codec<T> {
  /** Full protobuf name, e.g. `parley.edge.v1.EgressCommand`. */
  readonly name: string;
  /** Bytes that {@link decode} turns into an equal message. */
  encode(message: T): Uint8Array;
  /**
   * Reads hostile bytes; never throws. Fields of type `bytes` are views of `bytes`, not copies. Fields that this version
   * does not know are dropped.
   */
  decode(bytes: Uint8Array): Result<T, ParseError>;
}
