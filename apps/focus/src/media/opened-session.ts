/** What a switch gave for a session. */
export interface OpenedSession {
  readonly switchInstance: string;
  readonly session: string;
  /** Our path, nearest first. */
  readonly path: readonly string[];
  readonly port: number;
  /** Host of the `c=` line. */
  readonly address: string;
}

/** The sessions that a switch gave, by the position of their m-lines; a stream that is not among them is refused. */
export type OpenedSessions = ReadonlyMap<number, OpenedSession>;
