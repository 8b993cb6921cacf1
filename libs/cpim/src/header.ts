/**
 * One header line as it came: name with its prefix, parameters and value still escaped, one character per octet.
 * Intermediaries must preserve all of these exactly.
 *
 * @spec RFC 3862 §2.2
 */
export interface CpimHeader {
  /** Case counts: `From` and `from` are different headers. */
  readonly name: string;
  /** What stands between colon and space, e.g. `;lang=fr`; most headers have none. */
  readonly parameters: string;
  readonly value: string;
}

/** The headers of a message in their order, which counts. */
export interface CpimHead {
  readonly headers: readonly CpimHeader[];
}

/** Namespace of the headers that RFC 3862 itself defines, and the default until a message says otherwise. */
export const coreNamespace = 'urn:ietf:params:cpim-headers:';

/** Namespace of the disposition notification headers. @spec RFC 5438 §6.1 */
export const imdnNamespace = 'urn:ietf:params:imdn';
