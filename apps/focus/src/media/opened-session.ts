/** What a switch gave for a session. */
export interface OpenedSession {
  readonly switchInstance: string;
  readonly session: string;
  /** Our path, nearest first. */
  readonly path: readonly string[];
  readonly port: number;
  /** Host of the `c=` line. */
  readonly address: string;
  /** `a=fingerprint` of the certificate that it shows, where peers need it. @spec RFC 4975 §14.4 */
  readonly fingerprints?: readonly string[];
}

/** The sessions that a switch gave, by the position of their m-lines; a stream that is not among them is refused. */
export type OpenedSessions = ReadonlyMap<number, OpenedSession>;
