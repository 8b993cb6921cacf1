import type { DnsAnswer } from './dns-port.ts';

/** The answer that there is nothing of this name and type. */
export function noRecords(ttl: number): DnsAnswer<never> {
  return { records: [], ttl };
}
