/** The `o=` line: who made the description, and which version of which session it is. @spec RFC 8866 §5.2 */
export interface Origin {
  readonly username: string;
  /** Digits; as text, since they may be more than a number holds. */
  readonly sessId: string;
  /** Digits, increased with every change. */
  readonly sessVersion: string;
  readonly nettype: string;
  readonly addrtype: string;
  readonly unicastAddress: string;
}

/** A `c=` line. @spec RFC 8866 §5.7 */
export interface Connection {
  readonly nettype: string;
  readonly addrtype: string;
  readonly connectionAddress: string;
}

/** A `b=` line; kilobits per second unless the type says otherwise. @spec RFC 8866 §5.8 */
export interface Bandwidth {
  readonly bwtype: string;
  readonly bandwidth: number;
}

/** An `r=` line; each a number of seconds, or of the unit `d`, `h`, `m` or `s` behind it. @spec RFC 8866 §5.10 */
export interface RepeatTimes {
  readonly interval: string;
  readonly duration: string;
  readonly offsets: readonly string[];
}

/** One adjustment of a `z=` line: from when on the base time is shifted by how much. @spec RFC 8866 §5.11 */
export interface ZoneAdjustment {
  readonly time: string;
  readonly offset: string;
}

/** A `t=` line with what repeats it; seconds since 1900 as digits, `0` for unbounded. @spec RFC 8866 §5.9 */
export interface TimeDescription {
  readonly startTime: string;
  readonly stopTime: string;
  readonly repeats: readonly RepeatTimes[];
  readonly zones: readonly ZoneAdjustment[];
}

/** An `a=` line; a property attribute has no value. @spec RFC 8866 §5.13 */
export interface Attribute {
  readonly name: string;
  readonly value?: string;
}

/** An `m=` line and the lines that belong to it. @spec RFC 8866 §5.14 */
export interface MediaDescription {
  readonly media: string;
  /** 0 to 65535; 0 means refused or removed. */
  readonly port: number;
  /** How many consecutive ports, where the line says so. */
  readonly portCount?: number;
  readonly proto: string;
  /** At least one. */
  readonly formats: readonly string[];
  readonly information?: string;
  readonly connections: readonly Connection[];
  readonly bandwidths: readonly Bandwidth[];
  readonly attributes: readonly Attribute[];
}

/**
 * A session description of version 0. Text holds one character per octet, since its charset is an attribute; `decodeText`
 * of `@parley/mime` reads it as UTF-8.
 *
 * @spec RFC 8866 §5
 */
export interface SessionDescription {
  readonly origin: Origin;
  readonly sessionName: string;
  readonly information?: string;
  readonly uri?: string;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly connection?: Connection;
  readonly bandwidths: readonly Bandwidth[];
  /** At least one. */
  readonly times: readonly TimeDescription[];
  readonly attributes: readonly Attribute[];
  readonly media: readonly MediaDescription[];
}
