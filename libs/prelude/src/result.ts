/** Success that carries a value. */
export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}

/** Failure that carries its reason; never thrown. */
export interface Err<E> {
  readonly ok: false;
  readonly error: E;
}

/** Outcome of a function whose failure the caller must look at. */
export type Result<T, E> = Ok<T> | Err<E>;

/** Wraps a value as success. */
export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

/** Wraps a reason as failure. */
export function err<E>(error: E): Err<E> {
  return { ok: false, error };
}

/**
 * Takes the value out where failure would be our own bug: constants, tests, values checked before.
 *
 * @throws Fault when the result is a failure
 */
export function unwrap<T>(result: Result<T, unknown>): T {
  if (result.ok) return result.value;
  throw new Fault('unwrap of a failure', { cause: result.error });
}

/** Our bug or a broken invariant; thrown, and the supervisor of the actor decides. */
export class Fault extends Error {
  readonly kind = 'Fault';
  override readonly name = 'Fault';
}

/**
 * End of an exhaustive switch.
 *
 * @throws Fault always
 */
export function assertNever(value: never): never {
  throw new Fault(`unreachable case ${JSON.stringify(value)}`);
}
