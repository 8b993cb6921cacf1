/** Which side opens the connection; `holdconn` is never sent for MSRP. @spec RFC 4145 §4, RFC 6135 §4.2 */
export type Setup = 'active' | 'passive' | 'actpass';

/** Whether the connection of the stream is a new one. @spec RFC 4145 §5 */
export type ConnectionUse = 'new' | 'existing';

/** Reads `a=setup`; `holdconn` and what nobody knows count as absent. @spec RFC 6135 §4.2.1 */
export function readSetup(value: string | undefined): Setup | undefined {
  return value === 'active' || value === 'passive' || value === 'actpass' ? value : undefined;
}

/** Reads `a=connection`; what nobody knows counts as absent. */
export function readConnectionUse(value: string | undefined): ConnectionUse | undefined {
  return value === 'new' || value === 'existing' ? value : undefined;
}

/**
 * The role that an answerer reachable from outside takes: it lets the offerer connect unless that cannot.
 *
 * @param offered - undefined for an offerer without COMEDIA, which always connects (RFC 4975 §8.5)
 * @spec RFC 4145 §4.1, RFC 6135 §4.2.2
 */
export function answerSetup(offered: Setup | undefined): 'active' | 'passive' {
  return offered === 'passive' ? 'active' : 'passive';
}
