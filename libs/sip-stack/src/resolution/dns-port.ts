import type { Result, TransportFailure } from '@parley/prelude';

/** A NAPTR record. @spec RFC 3403 §4.1 */
export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  /** e.g. `SIP+D2U`, in any case. */
  readonly service: string;
  readonly regexp: string;
  readonly replacement: string;
}

/** An SRV record. @spec RFC 2782 */
export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** Name of the host; `.` or empty when the service is decidedly not available. */
  readonly target: string;
}

/** Records of one name and type; none when the name or the type does not exist. */
export interface DnsAnswer<Entry> {
  readonly records: readonly Entry[];
  /** Seconds for which the answer may be kept. */
  readonly ttl: number;
}

/** Outcome of a question: no records is an answer, only a server that could not tell is a failure. */
export type DnsOutcome<Entry> = Result<DnsAnswer<Entry>, TransportFailure>;

/** The questions that RFC 3263 asks of the DNS. Never rejects. */
export interface DnsPort {
  naptr(name: string): Promise<DnsOutcome<NaptrRecord>>;
  srv(name: string): Promise<DnsOutcome<SrvRecord>>;
  /** A and AAAA together, as literals, in the order to be tried. */
  addresses(name: string): Promise<DnsOutcome<string>>;
}
