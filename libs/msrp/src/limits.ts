/** What a reader accepts from the other side before it gives up; every number bounds memory or work per connection. */
export interface MsrpLimits {
  /** Octets of start line, header fields and the blank line or end-line behind them. */
  readonly headBytes: number;
  /** Octets of one line of the head, its CRLF included. */
  readonly lineBytes: number;
  /** Header fields in one head. */
  readonly headerCount: number;
  /** Characters of a transaction or message identifier. */
  readonly identLength: number;
  /** URIs in one To-Path or From-Path. */
  readonly pathUris: number;
  /** Octets of the body of one SEND request. */
  readonly chunkBytes: number;
  /** Octets of the body of any other request. */
  readonly otherBodyBytes: number;
}

/** Limits that every known client stays far below; the README has the reason of each. */
export const defaultLimits: MsrpLimits = {
  headBytes: 16_384,
  lineBytes: 8192,
  headerCount: 64,
  identLength: 64,
  pathUris: 16,
  chunkBytes: 10_485_760,
  otherBodyBytes: 10_240,
};
