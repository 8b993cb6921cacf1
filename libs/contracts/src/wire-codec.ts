import type { ParseError, Result } from '@parley/prelude';
import { err, Fault, ok, parseError } from '@parley/prelude';
import protobuf from 'protobufjs/minimal.js';
import type { Codec } from './codec.ts';

// @note protobufjs reads 64-bit integers as Long objects when it finds that package; contracts want numbers. Generated code
// imports this file before wire.js, whose defaults depend on it.
protobuf.util.Long = undefined as unknown as typeof protobuf.util.Long; // its type does not say that it may be absent
protobuf.configure();

/** A flat message as pbjs reads and writes it; generated code alone touches its fields. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- pbjs emits untyped classes; the generated pairs of functions give them their types
export type Wire = any;

/** Encoder and decoder that pbjs generated for one message. */
export interface WireClass {
  encode(message: Wire): { finish(): Uint8Array };
  decode(reader: protobuf.Reader): Wire;
}

/** A {@link Codec} whose message may stand inside another. */
export interface WireCodec<T> extends Codec<T> {
  /** From the flat wire message to the type that code reads. */
  readonly fromWire: (wire: Wire) => T;
  /** From the type that code reads to the flat wire message. */
  readonly toWire: (message: T) => Wire;
}

/** Parts of a codec that are generated. */
export interface WireCodecParts<T> {
  readonly name: string;
  readonly wire: WireClass | undefined;
  readonly fromWire: (wire: Wire) => T;
  readonly toWire: (message: T) => Wire;
}

/**
 * Joins a pbjs class with its conversions.
 *
 * @throws Fault at load time when the generated files do not belong together
 */
export function wireCodec<T>({ name, wire, fromWire, toWire }: WireCodecParts<T>): WireCodec<T> {
  if (wire === undefined) throw new Fault(`no generated class for ${name}`);
  return {
    name,
    fromWire,
    toWire,
    encode: (message) => wire.encode(toWire(message)).finish(),
    decode: (bytes) => decodeWith(wire, name, fromWire, bytes),
  };
}

/** A Buffer's octets as a plain array, so that fields are the same type wherever the bytes came from. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function decodeWith<T>(
  wire: WireClass,
  name: string,
  fromWire: (wire: Wire) => T,
  bytes: Uint8Array,
): Result<T, ParseError> {
  const reader = new protobuf.Reader(plainBytes(bytes));
  reader.discardUnknown = true;
  try {
    return ok(fromWire(wire.decode(reader)));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'malformed';
    return err(parseError(name, reader.pos, 'Protocol Buffers Encoding', `expected a ${name}: ${reason}`));
  }
}
