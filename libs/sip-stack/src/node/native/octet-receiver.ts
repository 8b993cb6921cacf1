/** Who takes what comes over a connection: called and not told by an event, since each message would pay for that. */
export interface OctetReceiver {
  take(octets: Buffer): void;
}
